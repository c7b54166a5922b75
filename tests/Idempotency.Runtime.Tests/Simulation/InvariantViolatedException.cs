namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>A seed for which the guard and its store broke a promise, told in full.</summary>
internal sealed class InvariantViolatedException(int seed, string invariant, IEnumerable<string> trace) : Exception(
    $"""
    Seed {seed}: {invariant}
    To see it alone: {SeedRange.OnlyVariable}={seed} dotnet test --filter Simulation

    {string.Join(Environment.NewLine, trace)}
    """)
{
    public int Seed => seed;

    public string Invariant => invariant;
}
