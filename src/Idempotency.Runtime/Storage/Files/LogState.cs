using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

/// <summary>
/// The file <c>state</c>: which segment is written to, and how far the log was known to be whole. The first decides, and is changed
/// under the log's lock; the second only tells damage from a line whose writing was cut short.
/// </summary>
internal sealed class LogState : IDisposable
{
    private const int ActiveLength = 8, MarkOffset = 512, MarkLength = 32;
    private const byte Synced = 1, Written = 2;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Guid _boot = ReadBoot();

    public LogState(string path)
    {
        _path = path;
        _file = StoreDirectory.OpenFile(path, FileMode.OpenOrCreate, FileShare.ReadWrite);
    }

    /// <summary>The number of the segment that is written to; <see langword="null"/> when there is none yet.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public int? Active
    {
        get
        {
            Span<byte> bytes = stackalloc byte[ActiveLength];
            var read = RandomAccess.Read(_file, bytes, 0);
            if (read == 0 || bytes.IndexOfAnyExcept((byte)0) < 0)
            {
                return null;
            }

            return read == ActiveLength && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == RecordLine.Checksum(bytes[..4])
                ? BinaryPrimitives.ReadInt32LittleEndian(bytes)
                : throw new InvalidDataException($"'{_path}' is damaged.");
        }
    }

    public void SetActive(int segment)
    {
        Span<byte> bytes = stackalloc byte[ActiveLength];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, segment);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], RecordLine.Checksum(bytes[..4]));
        RandomAccess.Write(_file, bytes, 0);
    }

    /// <summary>Puts the active segment's number on the disk.</summary>
    public void Sync() => LibC.SyncData(_file, _path);

    /// <summary>Notes that everything before <paramref name="end"/> is whole. Never awaited by the disk: an older note says less, and nothing wrong.</summary>
    public void Mark(LogPosition end, bool isSynced)
    {
        Span<byte> bytes = stackalloc byte[MarkLength];
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], end.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], end.Offset);
        bytes[12] = isSynced ? Synced : Written;
        _boot.TryWriteBytes(bytes[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, RecordLine.Checksum(bytes[4..]));
        RandomAccess.Write(_file, bytes, MarkOffset);
    }

    /// <summary>Whether the line at this position was known to be whole, so that it is damaged if it is not.</summary>
    public bool WasWhole(LogPosition position)
    {
        Span<byte> bytes = stackalloc byte[MarkLength];
        var isNote = RandomAccess.Read(_file, bytes, MarkOffset) == MarkLength
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == RecordLine.Checksum(bytes[4..])
            && (bytes[12] == Synced || new Guid(bytes[16..]) == _boot); // what was only written is gone after a power cut
        var (segment, offset) = (BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
        return isNote && (position.Segment < segment || (position.Segment == segment && position.Offset < offset));
    }

    public void Dispose() => _file.Dispose();

    private static Guid ReadBoot()
    {
        const string Path = "/proc/sys/kernel/random/boot_id";
        try
        {
            return OperatingSystem.IsLinux() ? Guid.Parse(File.ReadAllText(Path)) : Guid.NewGuid();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            return Guid.NewGuid(); // without it, a line that is not whole after a restart counts as cut short
        }
    }
}
