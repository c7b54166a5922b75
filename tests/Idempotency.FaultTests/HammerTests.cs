using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-01: two processes with eight callers each want the same six keys at the same time, and then the next six.</summary>
public sealed class HammerTests
{
    private const int Processes = 2, Callers = 8, HotKeys = 6, CallsPerKeys = 15, Calls = 180;

    [Theory, MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_body_that_everybody_wants_starts_once(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        var judge = await HammerAsync(scene);

        Scene.AssertNothingIsWrong(judge);
        Assert.Equal(Processes * Callers * Calls, judge.Calls);
        var keys = Calls / CallsPerKeys * HotKeys * (scene.Store.Survives ? 1 : Processes);
        Assert.Equal((keys, keys), (judge.Starts, judge.Effects)); // nobody died, so that both policies mean the same
    }

    [Theory]
    [InlineData("memory", FlawedStore.BusyIsFree)]
    [InlineData("file", FlawedStore.BusyIsFree)]
    [InlineData("file", FlawedStore.CompletedIsFreed)]
    [InlineData("file", FlawedStore.ClaimForgotten)]
    public async Task A_planted_fault_is_found(string store, string flaw)
    {
        using var scene = new Scene(store, OnCrash.Hold);

        var judge = await HammerAsync(scene, flaw);

        Assert.NotEmpty(judge.Violations);
    }

    private static async Task<Judge> HammerAsync(Scene scene, string flaw = "")
    {
        var works = Enumerable.Range(0, Processes).Select(_ => scene.NewWork(flaw) with
        {
            Callers = Callers, Keys = HotKeys, CallsPerKeys = CallsPerKeys, Calls = Calls, IsUneven = true,
            FaultAt = Workload.Begin, FaultAfter = 1, Fate = Fate.Pauses,
        }).ToList();
        var processes = works.ConvertAll(static work => Children.Start(work));
        await Task.WhenAll(processes.Select(Children.UntilPausedAsync));
        processes.ForEach(static process => process.StandardInput.WriteLine()); // all at once
        await Task.WhenAll(processes.Zip(works, Children.EndAsync));
        processes.ForEach(static process => process.Dispose());
        return await scene.JudgeAsync();
    }
}
