using System.Diagnostics.CodeAnalysis;

namespace Idempotency.Storage.Files;

internal sealed partial class SharedLog
{
    private const int ReadAhead = 1 << 20;

    private byte[] _read = [];

    /// <summary>Reads all segments that nobody writes to any more. Needs no lock; what it misses, <see cref="CatchUp"/> finds.</summary>
    public void LoadFinished()
    {
        try
        {
            if (_state.Active is { } active)
            {
                Load(active);
            }
        }
        catch (FileNotFoundException)
        {
            Clear(); // compacted away meanwhile; it is read again under the lock
        }
    }

    /// <summary>Reads all segments but the last, to which others may be writing.</summary>
    private void Load(int active)
    {
        Clear();
        var numbers = Directory.EnumerateFiles(_directory, "*" + LogSegment.Suffix)
            .Select(static path => LogSegment.NumberOf(Path.GetFileName(path)))
            .OfType<int>()
            .Where(number => number <= active)
            .Order()
            .ToList();
        var first = numbers.Count > 0 ? numbers[0] : active;
        if (numbers.Count != active - first + 1)
        {
            throw new InvalidDataException(
                $"The log in '{_directory}' has no file '{LogSegment.NameOf(Enumerable.Range(first, active - first + 1).Except(numbers).First())}'. " +
                "Restore the directory from a backup, or move it away: keys that were in it may then run again.");
        }

        Activate(Open(first));
        while (_active.Number != active)
        {
            if (!TryFollow())
            {
                throw new FileNotFoundException(null, LogSegment.NameOf(_active.Number + 1));
            }
        }
    }

    /// <summary>Reads the active segment to its end and goes on to the next one.</summary>
    /// <returns><see langword="false"/> when the next one is not there.</returns>
    private bool TryFollow()
    {
        LogSegment next;
        try
        {
            next = Open(_active.Number + 1);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        ReadLines(until: next.PreviousEnd);
        if (_isSynced && !_isLoading)
        {
            // Whoever made it may have died before it was there for good.
            LibC.SyncDirectory(_directory);
            _state.Sync();
        }

        Activate(next);
        return true;
    }

    private LogSegment Open(int number)
    {
        if (!_segments.TryGetValue(number, out var segment))
        {
            segment = LogSegment.Open(_directory, number);
            _segments.Add(number, segment);
        }

        return segment;
    }

    private void Activate(LogSegment segment)
    {
        if (segment.FirstSequence <= _sequence)
        {
            throw Damaged(segment, LogSegment.HeaderLength, $"begins with line {segment.FirstSequence}, which the segment before it has already");
        }

        _active = segment;
        _end = LogSegment.HeaderLength;
        _sequence = segment.FirstSequence - 1;
        _syncedEnd = new LogPosition(segment.Number, _end);
        Volatile.Write(ref _synced, _sequence); // a segment is begun when everything before it is on the disk
    }

    private void Clear()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        _segments.Clear();
        Index = new RecordIndex();
        _sequence = 0;
    }

    /// <summary>Reads the active segment's lines up to its end, or to where nobody has written yet.</summary>
    private void ReadLines(int? until)
    {
        Span<byte> header = stackalloc byte[RecordLine.HeaderLength];
        if (until is null && (_active.Read(header, _end) < header.Length || RecordLine.LengthAt(header) == 0) && !_isLoading)
        {
            return;
        }

        if (_read.Length == 0)
        {
            _read = new byte[ReadAhead];
        }

        while (_end < (until ?? int.MaxValue) && ReadSome(until))
        {
        }

        if (_end < until)
        {
            throw Damaged(_active, _end, "has no whole line");
        }

        if (!_isLoading || _read.Length > ReadAhead)
        {
            _read = []; // others write little between two looks
        }
    }

    /// <returns>Whether there may be more.</returns>
    private bool ReadSome(int? until)
    {
        var read = _active.Read(_read.AsSpan(0, (int)Math.Min(_read.Length, (until ?? int.MaxValue) - (long)_end)), _end);
        for (var at = 0; at < read;)
        {
            var rest = _read.AsSpan(at, read - at);
            var length = rest.Length < RecordLine.HeaderLength ? 0 : RecordLine.LengthAt(rest);
            if (length > rest.Length && RecordLine.IsPossible(length) && (at > 0 || TryFit(length)))
            {
                return true; // the line goes on behind what was read
            }

            if (length == 0 && rest.Length < RecordLine.HeaderLength && at > 0)
            {
                return true;
            }

            var isWhole = RecordLine.IsPossible(length) && length <= rest.Length && RecordLine.IsWhole(rest[..length], _sequence + 1);
            if (!isWhole)
            {
                EndHere(isEmpty: length == 0);
                return false;
            }

            var record = RecordLine.Read(rest[..length], new LogPosition(_active.Number, _end), _operations);
            _cache.Forget(Index.Put(record));
            _sequence++;
            _end += length;
            at += length;
            Changed?.Invoke(record);
        }

        return read > 0;
    }

    /// <summary>Makes room for a line that is longer than the buffer, if the file has it at all.</summary>
    private bool TryFit(int length)
    {
        if (_end + (long)length > RandomAccess.GetLength(_active.File) || length <= _read.Length)
        {
            return false;
        }

        _read = new byte[length];
        return true;
    }

    /// <summary>The log ends here: nothing was written yet, or a line was cut short. Unless it was whole once.</summary>
    private void EndHere(bool isEmpty)
    {
        if ((!isEmpty || _isLoading) && _state.WasWhole(new LogPosition(_active.Number, _end)))
        {
            throw Damaged(_active, _end, "has no whole line, and had one");
        }

        if (!isEmpty)
        {
            _active.Cut(_end);
        }
    }

    private static InvalidDataException Damaged(LogSegment segment, long offset, string what) => new(
        $"'{segment.Path}' is damaged: at byte {offset} it {what}. Nothing was changed. Restore the directory from a backup, or move it away: keys that were in it may then run again.");
}
