using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What is simulated: where the records are, and what stands between a guard and its store.</summary>
internal sealed record SimulatedSystem(string Name, Func<TimeProvider, StoreSite> MakeSite)
{
    public static readonly SimulatedSystem Memory = new("memory", static time => new OneStore(new MemoryStore(timeProvider: time))) { Seeds = 20_000 };

    public static readonly SimulatedSystem File = new("file", static _ => new SharedDirectory(Flaws.None)) { Seeds = 300, LeaseIsLife = true };

    /// <summary>Every store that keeps its promises. To add one, add a line.</summary>
    public static IReadOnlyList<SimulatedSystem> All { get; } = [Memory, File];

    public static SimulatedSystem Named(string name) => All.Single(system => system.Name == name);

    /// <summary>How many seeds the ordinary run takes.</summary>
    public int Seeds { get; init; }

    /// <summary>
    /// Whether a store is a part of the process that uses it: a claim lasts as long as its owner lives, no message is overtaken or
    /// arrives twice, and what is on its way when the process ends never arrives.
    /// </summary>
    public bool LeaseIsLife { get; init; }

    /// <summary>How often a seed has a limit for bodies that some of them pass. It is the only way to lose a key that no time takes away.</summary>
    public double HangingBodies => LeaseIsLife ? 0.6 : 0.2;

    /// <summary>The longest that a body takes before its effect, or after it.</summary>
    public TimeSpan LongestStep => LeaseIsLife ? 4 * Scale.Lease : 2 * Scale.Lease;

    /// <summary>Wraps a process's view of the store, to make its guard a worse one.</summary>
    public Func<IIdempotencyStore, IIdempotencyStore> MakeClient { get; init; } = static store => store;

    /// <summary>Runs one seed on the calling thread. When a promise is broken, runs it again to tell how.</summary>
    /// <exception cref="InvariantViolatedException">A promise is broken.</exception>
    public void Run(int seed)
    {
        if (Play(seed, isTraced: false).Violation is { } invariant)
        {
            var again = Play(seed, isTraced: true);
            throw new InvariantViolatedException(seed, again.Violation ?? $"{invariant} (Not so when run again.)", again.Trace.Lines);
        }
    }

    /// <summary>All that happens in a seed, line by line.</summary>
    public IReadOnlyList<string> Tell(int seed) => Play(seed, isTraced: true).Trace.Lines;

    private World Play(int seed, bool isTraced)
    {
        using var world = new World(seed, this, isTraced);
        new Scenario(world).Run();
        return world;
    }

    public override string ToString() => Name;
}
