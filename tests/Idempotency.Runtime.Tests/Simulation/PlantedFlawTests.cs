using Xunit;
using Xunit.Abstractions;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The simulation is worth something only if it notices what it is there to notice.</summary>
public sealed class PlantedFlawTests(ITestOutputHelper output)
{
    /// <summary>How many seeds a flaw may take to be noticed; the ordinary run has ten times as many.</summary>
    private const int Seeds = 2000;

    public static TheoryData<string> All => [.. Names];

    [Theory, MemberData(nameof(All))]
    public void A_planted_flaw_is_noticed(string name) => AssertNoticed(SystemWith(Enum.Parse<Flaws>(name)), name);

    /// <summary>All but this: within a process no claim arrives after its own abandonment, so that ended tokens are never asked for again.</summary>
    public static TheoryData<string> InFiles => [.. Names.Where(static name => name != nameof(Flaws.EndedTokensAreForgotten))];

    [Theory, MemberData(nameof(InFiles))]
    public void A_planted_flaw_is_noticed_in_a_store_of_files(string name) => AssertNoticed(FilesWith(Enum.Parse<Flaws>(name)), name);

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

    private static IEnumerable<string> Names => Enum.GetNames<Flaws>().Where(static name => name != nameof(Flaws.None));

    private static SimulatedSystem SystemWith(Flaws flaws) => new("flawed", time => new OneStore(new FlawedStore(time, flaws)))
    {
        MakeClient = store => new FlawedGuard(store, flaws),
    };

    private static SimulatedSystem FilesWith(Flaws flaws) => new("flawed files", _ => new SharedDirectory(flaws))
    {
        LeaseIsLife = true,
        MakeClient = store => new FlawedGuard(store, flaws),
    };

    private void AssertNoticed(SimulatedSystem system, string flaw)
    {
        var failure = SeedRange.FindFailure(system, first: 0, Seeds);

        Assert.True(failure is not null, $"{flaw} was not noticed in {Seeds} seeds.");
        output.WriteLine($"{flaw}: seed {failure.Seed}: {failure.Invariant}");
    }
}
