using System.Runtime.CompilerServices;

namespace Idempotency.Storage.Files;

/// <summary>Reads a segment line by line. Never spends memory on a line that the file does not have.</summary>
/// <param name="bufferLength">How much is read at once, and kept between two segments or two looks.</param>
internal sealed class LineReader(int bufferLength)
{
    private byte[] _buffer = new byte[bufferLength];
    private LogSegment _segment = null!;
    private long _until;
    private long _start;
    private int _filled;
    private int _at;
    private int _length;

    /// <summary>The line that was read.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_at, _length);

    /// <summary>Where the line begins; after the last one, where it ended.</summary>
    public int Offset => (int)(_start + _at);

    /// <summary>Whether something stands behind the last line that is not a line.</summary>
    public bool IsBroken { get; private set; }

    /// <param name="segment">The segment.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="until">Where it ends; nothing where that is not known.</param>
    public void Start(LogSegment segment, int offset, int? until)
    {
        (_segment, _start, _until) = (segment, offset, until ?? long.MaxValue);
        (_filled, _at, _length, IsBroken) = (0, 0, 0, false);
    }

    /// <summary>Reads the next line, which has this sequence number, or any.</summary>
    /// <returns><see langword="false"/> at the end, and where <see cref="IsBroken"/> says that there is no whole line.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public bool Read(long? sequence)
    {
        _at += _length;
        _length = 0;
        if (!TryHave(RecordLine.HeaderLength) || RecordLine.LengthAt(_buffer.AsSpan(_at)) is not (not 0 and var length))
        {
            return false;
        }

        IsBroken = !RecordLine.IsPossible(length)
            || !TryHave(length)
            || !RecordLine.IsWhole(_buffer.AsSpan(_at, length), sequence ?? RecordLine.SequenceAt(_buffer.AsSpan(_at)));
        _length = IsBroken ? 0 : length;
        return !IsBroken;
    }

    /// <summary>Gives back what a long line needed.</summary>
    public void Rest()
    {
        if (_buffer.Length > bufferLength)
        {
            _buffer = new byte[bufferLength];
        }
    }

    private bool TryHave(int length)
    {
        if (_filled - _at >= length)
        {
            return true;
        }

        if (_start + _at + length > Math.Min(_until, RandomAccess.GetLength(_segment.File)))
        {
            return false;
        }

        var rest = _buffer.AsSpan(_at, _filled - _at);
        var buffer = length <= _buffer.Length ? _buffer : new byte[length];
        rest.CopyTo(buffer);
        (_buffer, _start, _filled, _at) = (buffer, _start + _at, rest.Length, 0);
        while (_filled < length)
        {
            var wanted = (int)Math.Min(_buffer.Length - _filled, _until - _start - _filled);
            var read = _segment.Read(_buffer.AsSpan(_filled, wanted), _start + _filled);
            if (read == 0)
            {
                return false;
            }

            _filled += read;
        }

        return true;
    }
}
