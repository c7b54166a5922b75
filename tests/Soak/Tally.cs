using System.IO.MemoryMappedFiles;

namespace Idempotency.Soak;

/// <summary>How often a key was taken, and by how many at once: counted as if nobody else counted, in memory that processes share.</summary>
public sealed unsafe class Tally : IDisposable
{
    private const int Length = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long* _numbers;

    private Tally(MemoryMappedFile file)
    {
        _file = file;
        _view = file.CreateViewAccessor();
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _numbers = (long*)start;
    }

    /// <summary>How often it was taken, if nobody interfered.</summary>
    public long Taken => Volatile.Read(ref _numbers[0]);

    /// <summary>How often somebody was found where nobody may be.</summary>
    public long Overlaps => Volatile.Read(ref _numbers[2]);

    public static Tally Open(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        return new Tally(MemoryMappedFile.CreateFromFile(file, mapName: null, Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false));
    }

    /// <param name="caller">Who counts; not 0.</param>
    /// <param name="isLong">Whether to give others the processor meanwhile.</param>
    public void Count(int caller, bool isLong)
    {
        if (Volatile.Read(ref _numbers[1]) != 0)
        {
            Interlocked.Increment(ref _numbers[2]);
        }

        Volatile.Write(ref _numbers[1], caller);
        var taken = Volatile.Read(ref _numbers[0]);
        if (isLong)
        {
            Thread.Yield();
        }

        Volatile.Write(ref _numbers[0], taken + 1);
        if (Volatile.Read(ref _numbers[1]) != caller)
        {
            Interlocked.Increment(ref _numbers[2]);
        }

        Volatile.Write(ref _numbers[1], 0);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
