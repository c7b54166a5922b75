using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What is simulated: a store, and what stands between a guard and its network.</summary>
internal sealed record SimulatedSystem(Func<TimeProvider, IIdempotencyStore> MakeStore)
{
    public static readonly SimulatedSystem Real = new(time => new MemoryStore(timeProvider: time));

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
        var world = new World(seed, this, isTraced);
        new Scenario(world).Run();
        return world;
    }
}
