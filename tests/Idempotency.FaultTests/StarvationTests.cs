using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-22: owners keep their keys while 200 work items block the thread pool and the collector has no rest.</summary>
public sealed class StarvationTests
{
    private const int Keys = 6;

    [Theory, MemberData(nameof(Stores.Poolless), MemberType = typeof(Stores))]
    public async Task A_blocked_thread_pool_costs_nobody_a_key(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        var judge = await StarveAsync(scene);

        Scene.AssertNothingIsWrong(judge);
        Assert.Equal((Keys, Keys, 0), (judge.Starts, judge.Effects, judge.Fenced));
        Assert.Equal(0, judge.NotStored);
    }

    [Theory]
    [InlineData("memory", FlawedStore.RenewalForgotten)]
    [InlineData("file", FlawedStore.BusyIsFree)]
    public async Task A_store_that_lets_keys_go_is_found(string store, string flaw)
    {
        using var scene = new Scene(store, OnCrash.Retry);

        var judge = await StarveAsync(scene, flaw);

        Assert.InRange(judge.Starts, Keys + 1, int.MaxValue);
        Assert.True(judge.Violations.Count > 0 || judge.Fenced > 0);
    }

    /// <summary>The lease is over well before all renewals that are waited for were sent.</summary>
    private static async Task<Judge> StarveAsync(Scene scene, string flaw = "")
    {
        await Children.RunAsync(scene.NewWork(flaw) with { Role = Role.Starving, Keys = Keys, Lease = TimeSpan.FromSeconds(1) });
        return await scene.JudgeAsync();
    }
}
