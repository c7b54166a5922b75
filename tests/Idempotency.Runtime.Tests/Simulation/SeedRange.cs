using System.Globalization;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Seeds, each run on one thread that belongs to nobody else, and many at a time.</summary>
internal static class SeedRange
{
    /// <summary>Names the one seed to run.</summary>
    public const string OnlyVariable = "IDEMPOTENCY_SEED";

    /// <summary>Says how many seeds to run.</summary>
    public const string CountVariable = "IDEMPOTENCY_SEEDS";

    public static int First => Number(OnlyVariable) ?? 0;

    /// <summary>How many seeds of a system the ordinary run takes.</summary>
    public static int CountOf(SimulatedSystem system) => Number(OnlyVariable) is null ? Number(CountVariable) ?? system.Seeds : 1;

    /// <summary>Runs seeds from <paramref name="first"/> until one fails. Gives the failure of the smallest seed that did.</summary>
    public static InvariantViolatedException? FindFailure(SimulatedSystem system, int first, int count)
    {
        InvariantViolatedException? failure = null;
        var gate = new Lock();
        OnOwnThreads(first, count, seed =>
        {
            try
            {
                system.Run(seed);
                return true;
            }
            catch (InvariantViolatedException violated)
            {
                lock (gate)
                {
                    failure = failure?.Seed < seed ? failure : violated;
                }

                return false;
            }
        });
        return failure;
    }

    /// <summary>Runs seeds, on as many threads as there are processors, until one gives <see langword="false"/>.</summary>
    public static void OnOwnThreads(int first, int count, Func<int, bool> run)
    {
        var next = first - 1;
        var isFound = false;

        // Threads without a synchronization context or a scheduler: continuations run inline or not at all.
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(RunSeeds)).ToList();
        threads.ForEach(static thread => thread.UnsafeStart());
        threads.ForEach(static thread => thread.Join());

        void RunSeeds()
        {
            while (!Volatile.Read(ref isFound) && Interlocked.Increment(ref next) is var seed && seed - first < count)
            {
                if (!run(seed))
                {
                    Volatile.Write(ref isFound, true);
                }
            }
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
