using Xunit;

namespace Idempotency.Runtime.Tests.Simulation;

public sealed class SimulationTests
{
    [Fact]
    public void The_guard_keeps_its_promises_in_every_seed()
    {
        using var unobserved = new UnobservedFailures(SimulatedSystem.Real);

        if (SeedRange.FindFailure(SimulatedSystem.Real, SeedRange.First, SeedRange.Count) is { } failure)
        {
            throw failure;
        }

        Assert.Empty(unobserved.Collect());
    }

    [Fact]
    public void A_seed_is_the_same_every_time()
    {
        var different = new List<int>();
        SeedRange.OnOwnThreads(first: 0, count: 500, seed =>
        {
            if (!SimulatedSystem.Real.Tell(seed).SequenceEqual(SimulatedSystem.Real.Tell(seed)))
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
    public void The_seeds_come_by_everything_that_can_happen(string what)
    {
        var isFound = false;
        SeedRange.OnOwnThreads(first: 0, count: 2000, seed =>
        {
            if (SimulatedSystem.Real.Tell(seed).Any(line => line.Contains(what)))
            {
                Volatile.Write(ref isFound, true);
            }

            return !Volatile.Read(ref isFound);
        });

        Assert.True(isFound);
    }
}
