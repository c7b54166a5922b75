using Xunit;

namespace Idempotency.Runtime.Tests.Simulation;

public sealed class SimulationTests
{
    [Fact]
    public void The_guard_keeps_its_promises_in_every_seed()
    {
        if (SeedRange.FindFailure(SimulatedSystem.Real, SeedRange.First, SeedRange.Count) is { } failure)
        {
            throw failure;
        }
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
}
