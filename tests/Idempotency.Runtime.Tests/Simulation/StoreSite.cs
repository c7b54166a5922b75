using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Where the records of a world are.</summary>
internal abstract class StoreSite : IDisposable
{
    /// <summary>How many timers tick for ever, by themselves.</summary>
    public virtual int Timers => 0;

    /// <summary>The store as this process opened it.</summary>
    public abstract IIdempotencyStore Of(SimulatedProcess process);

    /// <summary>What the end of a process ends.</summary>
    public virtual void Crash(SimulatedProcess process)
    {
    }

    public abstract void Dispose();
}

/// <summary>One store that every process reaches over a network, and that outlives them all.</summary>
internal sealed class OneStore(IIdempotencyStore store) : StoreSite
{
    public override IIdempotencyStore Of(SimulatedProcess process) => store;

    public override void Dispose()
    {
    }
}
