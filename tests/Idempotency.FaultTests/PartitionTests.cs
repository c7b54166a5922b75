using System.Diagnostics;
using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>
/// S-33: as S-20, but owners are not stopped: their network is cut without a word while their bodies run, until others have taken
/// their keys or been told in doubt, and healed. All the while their guards go on renewing.
/// </summary>
public sealed class PartitionTests
{
    /// <summary>
    /// Longer than elsewhere: packets are sent again after pauses as long as the cut, and in what time is left of two leases the outcome
    /// must get through.
    /// </summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(1.5);

    /// <summary>Where owners are when they are cut off; the key of each is its place here.</summary>
    private static readonly string[] s_points = ["body", "effect+", "complete-"];

    [RootTheory, MemberData(nameof(Stores.Serving), MemberType = typeof(Stores))]
    public async Task An_owner_that_was_cut_off_is_fenced_or_ends_late(string store, OnCrash onCrash)
    {
        using var scene = new Scene(store, onCrash);

        var judge = await PlayAsync(scene);

        Scene.AssertNothingIsWrong(judge);
        var fenced = onCrash == OnCrash.Retry ? s_points.Length : 0; // each has a successor then, and is told so
        Assert.Equal((s_points.Length + fenced, fenced, 0), (judge.Effects, judge.Fenced, judge.NotStored));
    }

    [RootTheory]
    [InlineData(OnCrash.Retry, FlawedStore.OutcomeForgotten, "")]
    [InlineData(OnCrash.Hold, "", FlawedStore.DoubtIsFree)]
    public async Task A_store_that_betrays_who_was_cut_off_is_found(OnCrash onCrash, string ownersFlaw, string othersFlaw)
    {
        using var scene = new Scene("redis", onCrash);

        Assert.NotEmpty((await PlayAsync(scene, ownersFlaw, othersFlaw)).Violations);
    }

    private static async Task<Judge> PlayAsync(Scene scene, string ownersFlaw = "", string othersFlaw = "")
    {
        var owners = s_points.Select((point, key) => new Remote(scene.NewWork(ownersFlaw) with
        {
            FirstKey = key, Calls = 1, FaultAt = point, FaultAfter = 1, Fate = Fate.PausesUntilRenewed, Lease = s_lease,
        })).ToList();
        try
        {
            await Task.WhenAll(owners.Select(static owner => owner.UntilPausedAsync()));
            using (Partition.Of(owners.Select(static owner => owner.Port)))
            {
                var since = Stopwatch.GetTimestamp();
                await AskForAllAsync(scene, scene.OnCrash == OnCrash.Retry ? Journal.Returned : Journal.Refused, othersFlaw);
                await Patience.UntilAsync(() => Stopwatch.GetElapsedTime(since) >= 2 * s_lease, "two leases to be over");
                owners.ForEach(static owner => owner.Tell());
                await Task.WhenAll(owners.Select(static owner => owner.UntilPausedAsync())); // they wait for their store now
            }

            await Task.WhenAll(owners.Select(static owner => owner.EndAsync()));
        }
        finally
        {
            owners.ForEach(static owner => owner.Dispose());
        }

        if (ownersFlaw.Length == 0)
        {
            await AskForAllAsync(scene, Journal.Returned, othersFlaw);
        }

        return await scene.JudgeAsync();
    }

    /// <summary>Another process, this one, whose network is in order, asks for every key some times.</summary>
    private static async Task AskForAllAsync(Scene scene, string expected, string flaw)
    {
        const int Times = 3;
        var others = scene.NewWork(flaw) with { CallsPerKeys = Times, Calls = Times * s_points.Length, WaitRate = 1 };
        await Children.WorkAsync(others);
        if (flaw.Length == 0)
        {
            var answers = Scene.Lines(others).Where(static line => line.What is Journal.Returned or Journal.Refused).ToList();
            Assert.Equal(Times * s_points.Length, answers.Count);
            Assert.All(answers, answer => Assert.Equal(expected, answer.What));
        }
    }
}
