using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    /// <summary>How an owner lost its record, whether or not it knows.</summary>
    public enum Loss
    {
        /// <summary>Its lease ended, and another took the key over.</summary>
        TakenOver,

        /// <summary>It released the key.</summary>
        Released,

        /// <summary>It released the key, and another has it.</summary>
        ReleasedAndClaimed,

        /// <summary>It was abandoned.</summary>
        Abandoned,

        /// <summary>It completed, its retention is over, and another has the key.</summary>
        ExpiredAndClaimed,

        /// <summary>It completed, its record was removed, and another has the key.</summary>
        PurgedAndClaimed,

        /// <summary>An operator stored an outcome.</summary>
        Resolved,

        /// <summary>An operator freed the key.</summary>
        Freed,

        /// <summary>An operator freed the key, and another has completed it.</summary>
        FreedAndCompleted,
    }

    public static TheoryData<Loss> Losses() => [.. Enum.GetValues<Loss>()];

    [Theory, MemberData(nameof(Losses))]
    public async Task An_owner_that_lost_its_record_changes_nothing_any_more(Loss loss)
    {
        var (key, zombie) = await GivenAsync(loss);
        var before = await LookAsync(key);
        var isRemembered = loss is not (Loss.ExpiredAndClaimed or Loss.PurgedAndClaimed);

        Assert.Equal(OwnerAnswer.Fenced, await RenewAsync(key, zombie));
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(key, zombie, Outcome("late")));
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(key, zombie, Outcome("late", isFailure: true)));
        // Releasing what was lost, and is remembered as lost, is accepted: there is nothing left to do.
        Assert.Equal(isRemembered ? OwnerAnswer.Accepted : OwnerAnswer.Fenced, await ReleaseAsync(key, zombie));
        await AbandonAsync(key, zombie.Token);

        Assert.Equal(before, await LookAsync(key));
        Assert.Same(Claim.Stale, await ClaimAsync(key, zombie.Token));
    }

    [Fact]
    public async Task An_attempt_that_was_taken_over_can_write_nothing_any_more()
    {
        var (key, zombie) = await GivenAsync(Loss.TakenOver);
        var second = await RecordAsync(key);

        foreach (var write in Enum.GetValues<OwnerWrite>())
        {
            Assert.Equal(write == OwnerWrite.Release ? OwnerAnswer.Accepted : OwnerAnswer.Fenced, await WriteAsync(write, key, zombie));
        }

        var record = await RecordAsync(key);
        Assert.Equal((RecordState.InProgress, second.Fence, second.Version), (record.State, record.Fence, record.Version));
        Assert.Same(Claim.Stale, await ClaimAsync(key, zombie.Token));
    }

    [Theory]
    [InlineData("claim")]
    [InlineData("take over")]
    [InlineData("renew")]
    [InlineData("complete")]
    [InlineData("fail")]
    [InlineData("release")]
    [InlineData("release after doubt")]
    [InlineData("abandon")]
    [InlineData("find doubt")]
    public async Task A_call_whose_answer_was_lost_may_be_sent_again(string call)
    {
        var scene = await GivenAsync(call switch
        {
            "claim" => Situation.Absent,
            "take over" or "find doubt" => Situation.LeaseOver,
            "release after doubt" => Situation.InDoubt,
            _ => Situation.InProgress,
        });
        var token = OwnerToken.New();
        async Task<string> SendAsync(IIdempotencyStore store) => call switch
        {
            "claim" or "take over" => GrantOf(await ClaimAsync(scene.Key, token, store: store)),
            "find doubt" => $"{await ClaimAsync(scene.Key, token, OnCrash.Hold, store: store)}",
            "renew" => $"{await store.RenewAsync(scene.Key, scene.Owner, Lease, CancellationToken.None)}",
            "complete" => $"{await store.CompleteAsync(scene.Key, scene.Owner, Outcome("first"), Retention, CancellationToken.None)}",
            "fail" => $"{await store.CompleteAsync(scene.Key, scene.Owner, Outcome("first", isFailure: true), Retention, CancellationToken.None)}",
            "abandon" => await AbandonedAsync(store, scene),
            _ => $"{await store.ReleaseAsync(scene.Key, scene.Owner, CancellationToken.None)}",
        };

        var answer = await SendAsync(Store);
        var after = await LookAsync(scene.Key);

        Assert.Equal(answer, await SendAsync(OtherStore));
        Assert.Equal(answer, await SendAsync(Store));
        Assert.Equal(after, await LookAsync(scene.Key));
    }

    /// <summary>A key whose first owner has lost it.</summary>
    private async Task<(IdempotencyKey Key, Ownership Zombie)> GivenAsync(Loss loss)
    {
        var scene = await GivenAsync(loss switch
        {
            Loss.TakenOver => Situation.LeaseOver,
            Loss.Released or Loss.ReleasedAndClaimed => Situation.Released,
            Loss.Abandoned => Situation.InProgress,
            Loss.ExpiredAndClaimed or Loss.PurgedAndClaimed => Situation.Expired,
            _ => Situation.InDoubt,
        });
        switch (loss)
        {
            case Loss.Abandoned:
                await AbandonAsync(scene.Key, scene.Owner.Token);
                break;
            case Loss.PurgedAndClaimed:
                AssertPurged(1, await PurgeAsync());
                break;
            case Loss.Resolved:
                Assert.True(await ResolveAsync(scene.Key, scene.Version, Outcome("resolved")));
                break;
            case Loss.Freed or Loss.FreedAndCompleted:
                Assert.True(await ResolveAsync(scene.Key, scene.Version, null));
                break;
        }

        if (loss is Loss.TakenOver or Loss.ReleasedAndClaimed or Loss.ExpiredAndClaimed or Loss.PurgedAndClaimed or Loss.FreedAndCompleted)
        {
            var next = await AcquireAsync(scene.Key);
            if (loss == Loss.FreedAndCompleted)
            {
                await CompleteAsync(scene.Key, next);
            }
        }

        return (scene.Key, scene.Owner);
    }

    private static async Task<string> AbandonedAsync(IIdempotencyStore store, Scene scene)
    {
        await store.AbandonAsync(scene.Key, scene.Owner.Token, CancellationToken.None);
        return "abandoned";
    }

    /// <summary>What a claim granted, however it came about: a repetition need not know of a take-over.</summary>
    private static string GrantOf(Claim answer) => answer is Claim.Acquired granted ? $"fence {granted.Fence}, attempt {granted.Attempt}" : $"{answer}";
}
