using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>
/// S-10 and S-12: processes die at every step, their successors too, also while doubt is written down and records are purged. A class
/// for each policy, so that both run at once.
/// </summary>
public abstract class KillTests(OnCrash onCrash)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    public static TheoryData<string> Names => [.. StoreUnderTest.All.Select(static store => store.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task Killing_processes_costs_no_effect_twice_and_no_outcome(string store)
    {
        // The soak kills thousands. What stands in for DynamoDB here takes milliseconds of a core for each request, and all processes wait for it.
        var kills = StoreUnderTest.Named(store).Survives && store != "dynamo" ? 80 : 40;
        var run = await RunAsync(store, onCrash, kills);

        Assert.True(run.Judge.Violations.Count == 0, string.Join("\n", run.Judge.Violations));
        Assert.Equal(0, run.Judge.Unavailable);
        Assert.InRange(run.Kills, kills, int.MaxValue);
        Assert.InRange(run.Judge.Effects, kills, int.MaxValue);
    }

    internal static async Task<KillRun> RunAsync(string store, OnCrash onCrash, int kills, string flaw = "")
    {
        using var end = new CancellationTokenSource(s_patience); // only a hang takes so long
        var run = new KillRun(StoreUnderTest.Named(store), onCrash, seed: 20_260_101, flaw);
        await run.RunAsync(kills, end.Token);
        return run;
    }
}

/// <summary><see cref="KillTests"/> under <see cref="OnCrash.Retry"/>.</summary>
public sealed class RetryKillTests() : KillTests(OnCrash.Retry);

/// <summary><see cref="KillTests"/> under <see cref="OnCrash.Hold"/>.</summary>
public sealed class HoldKillTests() : KillTests(OnCrash.Hold);
