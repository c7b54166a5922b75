using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>A directory with a store and the journals of all who use it, for one scenario.</summary>
internal sealed class Scene(string store, OnCrash onCrash) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("idempotency-scene-").FullName;
    private int _processes;

    public StoreUnderTest Store { get; } = StoreUnderTest.Named(store);

    public OnCrash OnCrash => onCrash;

    /// <summary>Whether others may take the key of an owner that is only stopped, once its lease is over.</summary>
    public bool LeasesEnd { get => field || (Store.Survives && !Store.LeaseIsLife); init; }

    /// <summary>So short that a test can wait for its end, where time ends it.</summary>
    public TimeSpan? Lease => LeasesEnd ? Store.Lease : null;

    /// <summary>A file for what strace writes.</summary>
    public string Calls => Path.Combine(_root, "calls");

    /// <summary>The lock of the file store's log.</summary>
    public string LockFile => Path.Combine(_root, "store", "lock");

    /// <summary>Its first file.</summary>
    public string LogFile => Path.Combine(_root, "store", "0000000001.log");

    private string Journals => Directory.CreateDirectory(Path.Combine(_root, "journals")).FullName;

    /// <summary>Work in which all goes well, with a journal of its own.</summary>
    public Workload NewWork(string flaw = "")
    {
        var number = _processes++;
        return new Workload
        {
            Store = store, Directory = _root, Journal = Path.Combine(Journals, $"{number}"), OnCrash = onCrash, Seed = number,
            Callers = 1, FailureRate = 0, Patience = FaultTests.Patience.Longest, ClaimTimeout = FaultTests.Patience.Longest, Flaw = flaw,
        };
    }

    /// <summary>What was journaled by those who do this work.</summary>
    public static List<JournalLine> Lines(Workload work) => [.. Journal.Read(work.Journal, Path.GetFileName(work.Journal))];

    /// <summary>Asks what has become of every key, when nobody else is left, and judges all that happened.</summary>
    public async Task<Judge> JudgeAsync(params IEnumerable<Workload> killed)
    {
        var judge = new Judge(onCrash);
        var lines = Journal.ReadAll(Journals, Store);
        judge.Hear(lines, [.. killed.Select(static work => Path.GetFileName(work.Journal))], await Verifier.VerifyAsync(Store, _root, onCrash, lines));
        return judge;
    }

    public static void AssertNothingIsWrong(Judge judge)
    {
        Assert.True(judge.Violations.Count == 0, string.Join("\n", judge.Violations));
        Assert.Equal(0, judge.Unavailable);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
