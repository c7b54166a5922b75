using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>That <see cref="KillTests"/> would find what it looks for; a class of its own, so that both run at once.</summary>
public sealed class PlantedKillTests
{
    [Theory]
    [InlineData(FlawedStore.BusyIsFree, OnCrash.Retry)]
    [InlineData(FlawedStore.BusyIsFree, OnCrash.Hold)]
    [InlineData(FlawedStore.DoubtIsFree, OnCrash.Hold)]
    [InlineData(FlawedStore.OutcomeForgotten, OnCrash.Retry)]
    [InlineData(FlawedStore.CompletedIsFreed, OnCrash.Hold)]
    [InlineData(FlawedStore.ClaimForgotten, OnCrash.Hold)]
    public async Task A_planted_fault_is_found(string flaw, OnCrash onCrash)
    {
        var run = await KillTests.RunAsync("file", onCrash, kills: 1000, flaw);

        Assert.NotEmpty(run.Judge.Violations);
    }
}
