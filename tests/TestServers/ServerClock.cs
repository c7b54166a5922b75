using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Idempotency.TestServers;

/// <summary>
/// The wall clock of the servers that were started with it: it runs, and can be moved at any time, without their timers noticing.
/// </summary>
public sealed class ServerClock : IDisposable
{
    private static readonly Lazy<string> s_library = new(Build);

    private readonly string _file = Path.GetTempFileName();
    private readonly MemoryMappedFile _mapped;
    private readonly MemoryMappedViewAccessor _offset;
    private readonly Lock _gate = new();

    public ServerClock()
    {
        _mapped = MemoryMappedFile.CreateFromFile(_file, FileMode.Open, null, sizeof(long));
        _offset = _mapped.CreateViewAccessor(0, sizeof(long));
        LetOthersRead(_file, (UnixFileMode)0b110_100_100);
    }

    /// <summary>What a server is started with so that this is its clock.</summary>
    public Dictionary<string, string> Environment => new() { ["LD_PRELOAD"] = s_library.Value, ["CLOCK_OFFSET"] = _file };

    /// <summary>Moves the clock; back when negative.</summary>
    public void Move(TimeSpan by)
    {
        lock (_gate)
        {
            _offset.Write(0, _offset.ReadInt64(0) + (by.Ticks * TimeSpan.NanosecondsPerTick));
        }
    }

    public void Dispose()
    {
        _offset.Dispose();
        _mapped.Dispose();
        File.Delete(_file);
    }

    private static string Build()
    {
        var library = Path.Combine(Directory.CreateTempSubdirectory("idempotency-clock-").FullName, "clock.so");
        LetOthersRead(Path.GetDirectoryName(library)!, (UnixFileMode)0b111_101_101);
        string[] arguments = ["-shared", "-fPIC", "-O2", "-o", library, Path.Combine(AppContext.BaseDirectory, "clock.c")];
        using var compiler = Process.Start(Programs.Find("gcc", "the packages gcc and libc6-dev"), arguments);
        compiler.WaitForExit();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(library)!, recursive: true);
        return compiler.ExitCode == 0 ? library : throw new InvalidOperationException("clock.c could not be compiled; see above.");
    }

    /// <summary>Servers that refuse to run as root run as somebody else.</summary>
    private static void LetOthersRead(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
