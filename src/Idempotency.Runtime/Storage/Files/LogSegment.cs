using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

/// <summary>One file of the log: a header, lines, and zeros where lines will be.</summary>
internal sealed class LogSegment : IDisposable
{
    public const int HeaderLength = 64;
    public const int Format = 1;
    public const string Suffix = ".log";
    public const string UnfinishedSuffix = ".tmp";

    private const int ChecksumOffset = HeaderLength - sizeof(uint);

    private long _allocated;

    private LogSegment(string path, SafeFileHandle file, int number, long firstSequence, int previousEnd) =>
        (Path, File, Number, FirstSequence, PreviousEnd) = (path, file, number, firstSequence, previousEnd);

    public string Path { get; }

    public SafeFileHandle File { get; }

    public int Number { get; }

    /// <summary>The sequence number of its first line.</summary>
    public long FirstSequence { get; }

    /// <summary>Where the segment before it ends. What stands behind that was written again here.</summary>
    public int PreviousEnd { get; }

    public static string NameOf(int number) => number.ToString("D10", CultureInfo.InvariantCulture) + Suffix;

    public static int? NumberOf(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>Makes a segment that nobody sees yet.</summary>
    public static LogSegment Begin(string directory, int number, long firstSequence, int previousEnd)
    {
        var path = System.IO.Path.Combine(directory, NameOf(number));
        var segment = new LogSegment(
            path, StoreDirectory.OpenFile(path + UnfinishedSuffix, FileMode.Create, FileShare.ReadWrite | FileShare.Delete), number, firstSequence, previousEnd);
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        "IDEMLOG\n"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Format);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], number);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], firstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], previousEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChecksumOffset..], RecordLine.Checksum(header[..ChecksumOffset]));
        try
        {
            segment.Write(header, 0);
            return segment;
        }
        catch
        {
            segment.Dispose(); // thrown on; only the handle must not stay behind
            throw;
        }
    }

    /// <summary>Opens a segment.</summary>
    /// <exception cref="FileNotFoundException">There is none of this number.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a format that this version does not know.</exception>
    public static LogSegment Open(string directory, int number)
    {
        var path = System.IO.Path.Combine(directory, NameOf(number));
        var file = StoreDirectory.OpenFile(path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Span<byte> header = stackalloc byte[HeaderLength];
            var isSegment = RandomAccess.Read(file, header, 0) == HeaderLength && header.StartsWith("IDEMLOG\n"u8);
            if (isSegment && BinaryPrimitives.ReadInt32LittleEndian(header[8..]) is > Format and var format)
            {
                throw new InvalidDataException(
                    $"'{path}' has format {format}, and this version reads up to {Format}. Deploy the version that wrote it, or a later one.");
            }

            if (!isSegment
                || BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumOffset..]) != RecordLine.Checksum(header[..ChecksumOffset])
                || BinaryPrimitives.ReadInt32LittleEndian(header[12..]) != number)
            {
                throw new InvalidDataException($"The header of '{path}' is damaged.");
            }

            return new LogSegment(
                path, file, number, BinaryPrimitives.ReadInt64LittleEndian(header[16..]), BinaryPrimitives.ReadInt32LittleEndian(header[24..]));
        }
        catch
        {
            file.Dispose(); // thrown on; only the handle must not stay behind
            throw;
        }
    }

    /// <summary>Puts the segment on the disk, whole, and only then under its name.</summary>
    public void Publish(string directory)
    {
        Sync();
        System.IO.File.Move(Path + UnfinishedSuffix, Path, overwrite: true);
        LibC.SyncDirectory(directory);
    }

    public int Read(Span<byte> bytes, long offset) => RandomAccess.Read(File, bytes, offset);

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(File, bytes, offset);

    public void Sync() => LibC.SyncData(File, Path);

    /// <summary>Lets the disk begin with what stands before <paramref name="end"/>.</summary>
    public void BeginSync(long end) => LibC.BeginWriting(File, end);

    /// <summary>Makes sure that lines up to <paramref name="end"/> have room on the disk.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public void Reserve(long end, long step)
    {
        if (end <= _allocated)
        {
            return;
        }

        _allocated = RandomAccess.GetLength(File); // another process may have made room
        if (end > _allocated)
        {
            var more = Math.Max(step, end - _allocated);
            LibC.Allocate(File, _allocated, more, Path);
            _allocated += more;
        }
    }

    /// <summary>Whether nothing was ever written behind <paramref name="end"/>.</summary>
    public bool IsEmptyBehind(long end)
    {
        var bytes = new byte[1 << 16];
        for (int read; (read = Read(bytes, end)) > 0; end += read)
        {
            if (bytes.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Removes what stands behind <paramref name="end"/>: a line whose writing was cut short.</summary>
    public void Cut(long end)
    {
        RandomAccess.SetLength(File, end);
        _allocated = end;
    }

    public void Dispose() => File.Dispose();
}
