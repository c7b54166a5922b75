using Xunit;

namespace Idempotency.Runtime.Tests.Simulation;

public sealed class SimulationTests
{
    public static TheoryData<string> Systems => [.. SimulatedSystem.All.Select(static system => system.Name)];

    [Theory, MemberData(nameof(Systems))]
    public void The_guard_keeps_its_promises_in_every_seed(string name)
    {
        var system = SimulatedSystem.Named(name);
        using var unobserved = new UnobservedFailures(system);

        if (SeedRange.FindFailure(system, SeedRange.First, SeedRange.CountOf(system)) is { } failure)
        {
            throw failure;
        }

        Assert.Empty(unobserved.Collect());
    }

    [Theory]
    [InlineData("memory", 500)]
    [InlineData("file", 50)]
    public void A_seed_is_the_same_every_time(string name, int seeds)
    {
        var system = SimulatedSystem.Named(name);
        var different = new List<int>();
        SeedRange.OnOwnThreads(first: 0, seeds, seed =>
        {
            if (!system.Tell(seed).SequenceEqual(system.Tell(seed)))
            {
                lock (different)
                {
                    different.Add(seed);
                }
            }

            return true;
        });

        Assert.Empty(different);
    }

    [Theory]
    [InlineData("returns")]
    [InlineData("throws TransientException")]
    [InlineData("throws DeclinedException")]
    [InlineData("throws OperationFailedException")]
    [InlineData("throws OperationCanceledException")]
    [InlineData("throws TimeoutException")]
    [InlineData("throws OperationInProgressException")]
    [InlineData("throws DuplicateOperationException")]
    [InlineData("throws IdempotencyKeyReusedException")]
    [InlineData("throws OperationInDoubtException")]
    [InlineData("throws LeaseLostException")]
    [InlineData("throws OutcomeNotStoredException")]
    [InlineData("throws StoreUnavailableException")]
    [InlineData("throws ReentrantOperationException")]
    [InlineData("TakenOver = True")]
    [InlineData("StaleToken")]
    [InlineData("renewal is lost")]
    [InlineData("second copy of p2's completion arrives")]
    [InlineData("the operator frees a: True")]
    [InlineData("the operator completes a: True")]
    [InlineData("purges 1")]
    public void The_seeds_come_by_everything_that_can_happen(string what) => AssertHappens(SimulatedSystem.Memory, what);

    [Theory]
    [InlineData("TakenOver = True")]
    [InlineData("throws OperationInDoubtException")]
    [InlineData("throws LeaseLostException")]
    [InlineData("throws OutcomeNotStoredException")]
    [InlineData("throws StoreUnavailableException")]
    [InlineData("renewal is lost")]
    [InlineData("the operator frees a: True")]
    [InlineData("the operator completes a: True")]
    [InlineData("purges 1")]
    public void The_seeds_of_files_come_by_everything_too(string what) => AssertHappens(SimulatedSystem.File, what);

    private static void AssertHappens(SimulatedSystem system, string what)
    {
        var isFound = false;
        SeedRange.OnOwnThreads(first: 0, count: 2000, seed =>
        {
            if (system.Tell(seed).Any(line => line.Contains(what)))
            {
                Volatile.Write(ref isFound, true);
            }

            return !Volatile.Read(ref isFound);
        });

        Assert.True(isFound);
    }
}
