using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-11 and S-71: every system call that the file store makes is the last one, or fails.</summary>
public sealed class SystemCallTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("idempotency-calls-").FullName;

    /// <summary>The calls that change something, or whose failure could be taken for an answer.</summary>
    public static TheoryData<string> Calls => ["fdatasync", "fsync", "pwrite64", "pread64", "flock", "rename", "openat", "fallocate"];

    [Theory, MemberData(nameof(Calls))]
    public async Task The_death_of_the_process_at_any_system_call_loses_nothing(string call)
    {
        var points = await ForEachAsync(call, "signal=KILL", most: 10);

        Assert.InRange(points, 1, int.MaxValue);
    }

    [Theory]
    [InlineData("fdatasync", "EIO")]
    [InlineData("fsync", "EIO")]
    [InlineData("pwrite64", "EIO")]
    [InlineData("pwrite64", "ENOSPC")]
    [InlineData("fallocate", "ENOSPC")]
    [InlineData("openat", "EMFILE")]
    [InlineData("pread64", "EIO")]
    [InlineData("rename", "EIO")]
    public async Task The_failure_of_any_system_call_is_seen_and_loses_nothing(string call, string error)
    {
        var points = await ForEachAsync(call, $"error={error}", most: 10);

        Assert.InRange(points, 1, int.MaxValue);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Runs the workload again and again, with the fault one call later each time, until it is too late for it, under either policy in turn.</summary>
    private async Task<int> ForEachAsync(string call, string fault, int most)
    {
        for (var n = 1; n <= most; n++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(_root, $"{n}")).FullName;
            var onCrash = n % 2 == 0 ? OnCrash.Retry : OnCrash.Hold;
            if (!await RunAsync(directory, onCrash, $"{call}:{fault}:when={n}"))
            {
                return n - 1;
            }
        }

        return most;
    }

    private static async Task<bool> RunAsync(string directory, OnCrash onCrash, string inject)
    {
        var work = new Workload
        {
            Store = "file-synced", Directory = directory, Journal = Path.Combine(directory, "first"), OnCrash = onCrash, Seed = 1, Keys = 3, Callers = 1, Calls = 6,
        };
        var (exitCode, calls) = await Strace.RunAsync(work, inject);
        var lines = Journal.Read(work.Journal, "first").ToList();
        var isHit = exitCode != 0 || calls.Any(static call => call.Contains("(INJECTED)", StringComparison.Ordinal));

        var judge = new Judge(onCrash);
        judge.Hear(lines, exitCode == 0 ? [] : ["first"], await Verifier.VerifyAsync(StoreUnderTest.Named("file-synced"), directory, onCrash, lines));
        Assert.True(judge.Violations.Count == 0, $"{inject}, {onCrash}:\n{string.Join("\n", judge.Violations)}\n{string.Join("\n", calls)}");
        AssertNoSyncIsRepeated(calls);
        AssertFailedSyncIsSeen(calls, lines);
        return isHit;
    }

    /// <summary>A sync that failed is followed by another file, or by a caller who is told.</summary>
    private static void AssertFailedSyncIsSeen(string[] calls, List<JournalLine> lines)
    {
        var failed = Array.FindIndex(calls, static call => call.Contains("sync(", StringComparison.Ordinal) && call.Contains("EIO", StringComparison.Ordinal));
        Assert.True(
            failed < 0
            || lines.Exists(static line => line.What is Journal.Unavailable or Journal.NotStored)
            || calls.Skip(failed).Any(static call => call.Contains("rename(", StringComparison.Ordinal)),
            $"Nobody saw that a sync failed:\n{string.Join("\n", calls)}");
    }

    /// <summary>After a sync has failed, the same file's next sync proves nothing.</summary>
    private static void AssertNoSyncIsRepeated(string[] calls)
    {
        var failed = new HashSet<string>();
        foreach (var call in calls)
        {
            var made = call[(call.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim();
            var file = made[..(made.IndexOf(')', StringComparison.Ordinal) + 1)];
            if (made.StartsWith("close(", StringComparison.Ordinal))
            {
                failed.Remove("fdatasync" + file["close".Length..]);
            }
            else if (made.StartsWith("fdatasync(", StringComparison.Ordinal))
            {
                Assert.DoesNotContain(file, failed);
                if (made.Contains("INJECTED", StringComparison.Ordinal))
                {
                    failed.Add(file);
                }
            }
        }
    }
}
