using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    [Fact]
    public async Task What_one_process_writes_another_one_reads()
    {
        var scene = await GivenAsync(Situation.InProgress);
        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key, store: OtherStore));
        await EndLeaseAsync(scene.Key, scene.Owner);

        var token = OwnerToken.New();
        var taken = Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key, token, store: OtherStore));
        Assert.Equal((2, true), (taken.Attempt, taken.TakenOver));
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(scene.Key, scene.Owner, Outcome("late")));
        Assert.Equal(
            OwnerAnswer.Accepted,
            await OtherStore.CompleteAsync(scene.Key, new Ownership(token, taken.Fence), Outcome("theirs"), Retention, CancellationToken.None));

        Assert.Equal("theirs", TextOf(Assert.IsType<Claim.Finished>(await ClaimAsync(scene.Key)).Outcome));
        Assert.Equal("theirs", TextOf((await RecordAsync(scene.Key)).Outcome));
    }

    [Theory]
    [InlineData(-365)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(365)]
    public async Task A_jump_of_the_wall_clock_frees_no_running_key(int days)
    {
        var doubted = await GivenAsync(Situation.InDoubt);
        var running = await GivenAsync(Situation.InProgress);

        await JumpWallClockAsync(TimeSpan.FromDays(days));
        await PurgeAsync();

        Assert.IsType<Claim.Busy>(await ClaimAsync(running.Key));
        Assert.IsType<Claim.InDoubt>(await ClaimAsync(doubted.Key));
        Assert.Equal(OwnerAnswer.Accepted, await RenewAsync(running.Key, running.Owner));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(running.Key, running.Owner));
        Assert.IsType<Claim.Finished>(await ClaimAsync(running.Key));
    }

    [Fact]
    public async Task Fences_grow_although_the_wall_clock_goes_back()
    {
        var first = await AcquireAsync(NewKey());

        await JumpWallClockAsync(TimeSpan.FromDays(-1));

        Assert.True((await AcquireAsync(NewKey())).Fence > first.Fence);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_already_changes_nothing()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var doubted = await GivenAsync(Situation.InDoubt);
        var absent = NewKey();
        var cancelled = new CancellationToken(canceled: true);

        await Refused(() => Store.TryClaimAsync(scene.Key, new ClaimRequest(scene.Owner.Token, Lease, OnCrash.Retry, default), cancelled).AsTask());
        await Refused(() => Store.TryClaimAsync(absent, new ClaimRequest(OwnerToken.New(), Lease, OnCrash.Retry, default), cancelled).AsTask());
        await Refused(() => Store.RenewAsync(scene.Key, scene.Owner, Lease, cancelled).AsTask());
        await Refused(() => Store.CompleteAsync(scene.Key, scene.Owner, Outcome("late"), Retention, cancelled).AsTask());
        await Refused(() => Store.ReleaseAsync(scene.Key, scene.Owner, cancelled).AsTask());
        await Refused(() => Store.AbandonAsync(scene.Key, scene.Owner.Token, cancelled).AsTask());
        await Refused(() => Store.AbandonAsync(absent, scene.Owner.Token, cancelled).AsTask());
        await Refused(() => Store.GetAsync(scene.Key, cancelled).AsTask());
        await Refused(() => Store.WaitAsync(scene.Key, scene.Version, TimeSpan.FromDays(1), cancelled).AsTask());
        await Refused(() => Store.ResolveAsync(doubted.Key, doubted.Version, null, Retention, cancelled).AsTask());
        await Refused(() => Store.PurgeAsync(100, cancelled).AsTask());

        Assert.Equal(scene.Version, await VersionAsync(scene.Key));
        Assert.Equal(doubted.Version, await VersionAsync(doubted.Key));
        Assert.Null(await GetAsync(absent));

        Task Refused(Func<Task> call) => Assert.ThrowsAnyAsync<OperationCanceledException>(() => call().WaitAsync(Patience));
    }
}
