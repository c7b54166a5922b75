using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Idempotency.Soak;

/// <summary>What happened in one process, line by line, each written before anything else is done: outside the store, and not lost with the process.</summary>
public sealed class Journal(string path) : IDisposable
{
    public const string Started = "S", Effect = "E", Returned = "R", Failed = "F", Refused = "B", Unreadable = "U", Unavailable = "X", NotStored = "N", Fenced = "L", Dying = "D";

    private readonly Lock _gate = new();
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Write(string what, string key = "-", long value = 0, int attempt = 0, long fence = 0)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{what} {Stopwatch.GetTimestamp()} {key} {value} {attempt} {fence}\n");
        lock (_gate)
        {
            _file.Write(Encoding.ASCII.GetBytes(line));
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The lines of a process that may have died while it wrote the last one.</summary>
    public static IEnumerable<JournalLine> Read(string path, string process)
    {
        var text = File.ReadAllText(path);
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ');
            yield return new JournalLine(
                process, parts[0], Number(parts[1]), parts[2], Number(parts[3]), (int)Number(parts[4]), Number(parts[5]));
        }
    }

    /// <summary>The lines of all processes. Where they share nothing, a key is another one in each.</summary>
    public static IReadOnlyList<JournalLine> ReadAll(string directory, StoreUnderTest store) =>
    [
        .. Directory.GetFiles(directory)
            .SelectMany(static path => Read(path, Path.GetFileName(path)))
            .Select(line => store.Survives || line.Key == "-" ? line : line with { Key = $"{line.Process}/{line.Key}" }),
    ];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One line of a journal. Times are comparable between the processes of one machine.</summary>
public sealed record JournalLine(string Process, string What, long At, string Key, long Value, int Attempt, long Fence);
