using Xunit;
using Xunit.Abstractions;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The simulation is worth something only if it notices what it is there to notice.</summary>
public sealed class PlantedFlawTests(ITestOutputHelper output)
{
    /// <summary>How many seeds a flaw may take to be noticed; the ordinary run has ten times as many.</summary>
    private const int Seeds = 2000;

    public static TheoryData<string> All => [.. Enum.GetNames<Flaws>().Where(name => name != nameof(Flaws.None))];

    [Theory, MemberData(nameof(All))]
    public void A_planted_flaw_is_noticed(string name)
    {
        var failure = SeedRange.FindFailure(SystemWith(Enum.Parse<Flaws>(name)), first: 0, Seeds);

        Assert.True(failure is not null, $"{name} was not noticed in {Seeds} seeds.");
        output.WriteLine($"{name}: seed {failure.Seed}: {failure.Invariant}");
    }

    [Fact]
    public void The_plain_store_without_flaws_keeps_every_promise() => Assert.Null(SeedRange.FindFailure(SystemWith(Flaws.None), first: 0, Seeds));

    [Fact]
    public void A_failure_that_nobody_looks_at_is_noticed()
    {
        var system = SystemWith(Flaws.ResultIsReturnedUnconfirmed);
        using var unobserved = new UnobservedFailures(system);

        SeedRange.OnOwnThreads(first: 0, count: 500, seed =>
        {
            system.Tell(seed);
            return true;
        });

        Assert.NotEmpty(unobserved.Collect());
    }

    private static SimulatedSystem SystemWith(Flaws flaws) => new(time => new FlawedStore(time, flaws))
    {
        MakeClient = store => new FlawedGuard(store, flaws),
    };
}
