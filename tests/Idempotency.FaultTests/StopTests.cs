using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-20 and S-21: owners are stopped or frozen before, in and after their bodies, and go on or die.</summary>
public sealed class StopTests
{
    [Theory, MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task A_stopped_owner_loses_nothing_and_ends_when_it_goes_on(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        AssertWellPlayed(scene, await PlayAsync(scene, freezer: null));
    }

    [RootTheory, MemberData(nameof(Stores.All), MemberType = typeof(Stores))]
    public async Task An_owner_that_is_frozen_with_all_its_threads_loses_nothing_and_ends_when_it_is_thawed(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);
        using var freezer = Freezer.Create();

        AssertWellPlayed(scene, await PlayAsync(scene, freezer));
    }

    /// <summary>As stores with a clock do it, which a store can be made to look like: the lease of who is stopped ends.</summary>
    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task Where_leases_end_by_the_clock_a_stopped_owner_is_fenced_or_ends_late(OnCrash onCrash)
    {
        using var scene = new Scene("file", onCrash) { LeasesEnd = true };

        AssertWellPlayed(scene, await PlayAsync(scene, freezer: null));
    }

    [Theory, MemberData(nameof(Stores.Shared), MemberType = typeof(Stores))]
    public async Task A_stopped_owner_that_is_killed_leaves_its_key_to_the_policy(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        var judge = await PlayToDeathAsync(scene);

        Scene.AssertNothingIsWrong(judge);
        Assert.Equal(onCrash == OnCrash.Hold ? RestingOwners.Count : 0, judge.InDoubt);
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_takes_the_key_of_a_stopped_owner_is_found(bool isFrozen)
    {
        using var scene = new Scene("file", OnCrash.Retry);
        using var freezer = isFrozen ? Freezer.Create() : null;

        Assert.NotEmpty((await PlayAsync(scene, freezer, FlawedStore.BusyIsFree)).Violations);
    }

    [Fact]
    public async Task A_store_that_frees_a_key_in_doubt_is_found()
    {
        using var scene = new Scene("file", OnCrash.Hold);

        Assert.NotEmpty((await PlayToDeathAsync(scene, FlawedStore.DoubtIsFree)).Violations);
    }

    /// <summary>Owners come to rest, others want their keys meanwhile, and everybody asks again when they have ended.</summary>
    private static async Task<Judge> PlayAsync(Scene scene, Freezer? freezer, string flaw = "")
    {
        using var owners = await RestingOwners.StartAsync(scene, freezer, scene.LeasesEnd ? FlawedStore.LeaseLapses : "");
        var waiting = Task.CompletedTask;
        if (scene.Store.Survives)
        {
            var others = AskForAll(scene, flaw) with { WaitRate = scene.LeasesEnd ? 1 : 0 };
            await Children.WorkAsync(others);
            if (flaw.Length == 0)
            {
                // Who takes over or is in doubt does so at once; who asks an owner that is only stopped is told to wait.
                var expected = scene.LeasesEnd && scene.OnCrash == OnCrash.Retry ? Journal.Returned : Journal.Refused;
                var answers = Scene.Lines(others).Where(static line => line.What is Journal.Returned or Journal.Refused).ToList();
                Assert.Equal(RestingOwners.Count * others.CallsPerKeys, answers.Count);
                Assert.All(answers, answer => Assert.Equal(expected, answer.What));
                waiting = Children.WorkAsync(AskForAll(scene) with { WaitRate = 1 });
            }
        }

        await owners.GoOnAsync();
        await waiting;
        if (scene.Store.Survives)
        {
            var late = AskForAll(scene);
            await Children.WorkAsync(late);
            Assert.All(Scene.Lines(late), static line => Assert.Equal(Journal.Returned, line.What));
        }

        return await scene.JudgeAsync();
    }

    private static async Task<Judge> PlayToDeathAsync(Scene scene, string flaw = "")
    {
        using var owners = await RestingOwners.StartAsync(scene, freezer: null);
        await owners.DieAsync();
        await Children.WorkAsync(AskForAll(scene, flaw) with { WaitRate = 1 });
        return await scene.JudgeAsync(killed: owners.Works);
    }

    /// <summary>Another process, this one, that asks for every key some times.</summary>
    private static Workload AskForAll(Scene scene, string flaw = "") =>
        scene.NewWork(flaw) with { CallsPerKeys = 3, Calls = 3 * RestingOwners.Count };

    private static void AssertWellPlayed(Scene scene, Judge judge)
    {
        Scene.AssertNothingIsWrong(judge);
        if (!scene.LeasesEnd || scene.OnCrash == OnCrash.Hold)
        {
            Assert.Equal((RestingOwners.Count, 0), (judge.Effects, judge.Fenced));
            return;
        }

        // Each has a successor, and is told so if it ran. Only the one that stopped between its claim and its body may find out before.
        Assert.InRange(judge.Fenced, RestingOwners.Count - 1, RestingOwners.Count);
        Assert.Equal(RestingOwners.Count + judge.Fenced, judge.Effects);
    }
}
