namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>A body's failure that another attempt may not meet.</summary>
internal sealed class TransientException() : Exception("The bank is busy.");

/// <summary>A body's failure that is an answer, and that may be replayed as itself.</summary>
internal sealed class DeclinedException() : Exception("The card is declined.");

/// <summary>What a store call throws whose outcome is unknown.</summary>
internal sealed class BrokenConnectionException(World world) : IOException($"The connection of seed {world.Seed} broke.")
{
    public int Seed { get; } = world.Seed;

    /// <summary>What was simulated: tests that run meanwhile break connections too.</summary>
    public SimulatedSystem Subject { get; } = world.Subject;
}
