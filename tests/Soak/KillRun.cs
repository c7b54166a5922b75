using System.Diagnostics;

namespace Idempotency.Soak;

/// <summary>
/// Kills processes until enough were killed: a few at a time share a store and a window of keys, die at points that the seed
/// chooses, and are started again. After every round everything heals, and the keys are judged.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="onCrash">The policy.</param>
/// <param name="seed">What chooses keys, points and moments.</param>
/// <param name="flaw">A fault that is planted: then rounds are short, so that the run ends soon after it has shown.</param>
public sealed class KillRun(StoreUnderTest store, OnCrash onCrash, int seed, string flaw = "")
{
    private const int Lanes = 3, ProcessesPerRound = 60, ProcessesPerRoundWithFlaw = 12, KeysPerProcess = 8, NewKeysPerProcess = 3, KeysPerRound = 1000;

    private readonly Random _random = new(seed);
    private readonly Judge _judge = new(onCrash);
    private int _processes;

    public Judge Judge => _judge;

    public int Kills { get; private set; }

    /// <summary>Runs until there are enough kills, something is wrong or there is no time left.</summary>
    public async Task RunAsync(int kills, CancellationToken cancellationToken)
    {
        var root = Directory.CreateTempSubdirectory("idempotency-soak-").FullName;
        try
        {
            for (var round = 0; Kills < kills && _judge.Violations.Count == 0 && !cancellationToken.IsCancellationRequested; round++)
            {
                await RunRoundAsync(root, round, kills);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private async Task RunRoundAsync(string root, int round, int kills)
    {
        var journals = Directory.CreateDirectory(Path.Combine(root, $"journals-{round}")).FullName;
        var killed = new HashSet<string>();
        var (started, most) = (-1, flaw.Length > 0 ? ProcessesPerRoundWithFlaw : ProcessesPerRound);
        bool AreEnough()
        {
            lock (killed)
            {
                return Kills + killed.Count >= kills;
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
        {
            for (int number; !AreEnough() && (number = Interlocked.Increment(ref started)) < most;)
            {
                var work = Next(root, journals, (round * KeysPerRound) + (number * NewKeysPerProcess));
                if (await Children.RunAsync(work) != 0)
                {
                    lock (killed)
                    {
                        killed.Add(Path.GetFileName(work.Journal));
                    }
                }
            }
        })));

        Kills += killed.Count;
        var lines = Journal.ReadAll(journals, store);
        _judge.Hear(lines, killed, await Verifier.VerifyAsync(store, root, onCrash, lines));
        Directory.Delete(journals, recursive: true);
    }

    private Workload Next(string root, string journals, int firstKey)
    {
        lock (_random)
        {
            // Most at what every call passes, so that most die; some at what is rare; some wherever they are.
            var kind = _random.Next(20);
            var isAnywhere = kind < 6;
            var points = kind < 19 ? FaultingStore.CommonPoints : FaultingStore.RarePoints;
            return new Workload
            {
                Store = store.Name,
                Directory = root,
                Journal = Path.Combine(journals, $"{_processes++}"),
                OnCrash = onCrash,
                Seed = _random.Next(),
                FirstKey = firstKey,
                Keys = KeysPerProcess,
                FaultAt = isAnywhere ? "time" : points[_random.Next(points.Length)],
                FaultAfter = isAnywhere ? _random.Next(20_000) : _random.Next(1, 5),
                Calls = 40,
                Lease = store.Lease,
                Flaw = flaw,
            };
        }
    }
}
