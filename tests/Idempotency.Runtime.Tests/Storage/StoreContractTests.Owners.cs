using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>What an owner may write.</summary>
public enum OwnerWrite
{
    Renew,
    Complete,
    Fail,
    Release,
}

public abstract partial class StoreContractTests
{
    /// <summary>Where the owner's own write changes the record.</summary>
    private static readonly Situation[] s_open = [Situation.InProgress, Situation.LeaseOver, Situation.InDoubt];

    public static TheoryData<OwnerWrite, Situation, Caller> OwnerCells()
    {
        var cells = new TheoryData<OwnerWrite, Situation, Caller>();
        foreach (var write in Enum.GetValues<OwnerWrite>())
        {
            foreach (var situation in Enum.GetValues<Situation>())
            {
                foreach (var caller in Enum.GetValues<Caller>())
                {
                    cells.Add(write, situation, caller);
                }
            }
        }

        return cells;
    }

    [Theory, MemberData(nameof(OwnerCells))]
    public async Task Only_the_owner_changes_a_record_and_may_repeat_itself(OwnerWrite write, Situation situation, Caller caller)
    {
        var scene = await GivenAsync(situation);
        var changes = caller == Caller.Owner && s_open.Contains(situation);
        var repeats = (write, situation, caller) switch
        {
            (OwnerWrite.Complete, Situation.Completed, Caller.Owner) => true,
            (OwnerWrite.Fail, Situation.Failed, Caller.Owner) => true,
            (OwnerWrite.Release, Situation.Released, Caller.Owner or Caller.OtherFence) => true, // by its token, which is ended
            _ => false,
        };

        var answer = await WriteAsync(write, scene, caller);

        Assert.Equal(changes || repeats ? OwnerAnswer.Accepted : OwnerAnswer.Fenced, answer);
        var record = await GetAsync(scene.Key);
        if (!changes)
        {
            Assert.Equal(scene.Version, record?.Version ?? 0);
            return;
        }

        Assert.True(record!.Version > scene.Version);
        Assert.Equal(StateAfter(write), record.State);
        Assert.Equal(OwnerAnswer.Accepted, await WriteAsync(write, scene, caller));
        Assert.Equal(StateAfter(write), (await RecordAsync(scene.Key)).State);
    }

    [Theory]
    [InlineData(Situation.LeaseOver)]
    [InlineData(Situation.InDoubt)]
    public async Task The_end_of_a_lease_revokes_nothing_and_a_renewal_brings_the_claim_back(Situation situation)
    {
        var scene = await GivenAsync(situation);

        Assert.Equal(OwnerAnswer.Accepted, await RenewAsync(scene.Key, scene.Owner));
        await PassAsync(Lease - Tick);

        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(scene.Key, scene.Owner));
    }

    [Fact]
    public async Task An_attempt_that_was_taken_over_can_write_nothing_any_more()
    {
        var scene = await GivenAsync(Situation.LeaseOver);
        var second = await AcquireAsync(scene.Key);

        foreach (var write in Enum.GetValues<OwnerWrite>())
        {
            // Releasing what was taken away long ago is accepted as nothing to do.
            Assert.Equal(write == OwnerWrite.Release ? OwnerAnswer.Accepted : OwnerAnswer.Fenced, await WriteAsync(write, scene, Caller.Owner));
        }

        var record = await RecordAsync(scene.Key);
        Assert.Equal((RecordState.InProgress, second.Fence), (record.State, record.Fence));
        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, scene.Owner.Token));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(scene.Key, second));
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(scene.Key, scene.Owner, Outcome("late")));
        Assert.Equal("first", TextOf((await RecordAsync(scene.Key)).Outcome));
    }

    [Fact]
    public async Task A_repeated_completion_changes_neither_outcome_nor_retention()
    {
        var scene = await GivenAsync(Situation.Completed);
        var before = await RecordAsync(scene.Key);
        await PassAsync(Retention / 2);

        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(scene.Key, scene.Owner, Outcome("second")));

        var after = await RecordAsync(scene.Key);
        Assert.Equal((before.ExpiresAt, "first"), (after.ExpiresAt, TextOf(after.Outcome)));
    }

    [Fact]
    public async Task Retention_is_counted_from_completion_however_long_the_body_ran()
    {
        var scene = await GivenAsync(Situation.InProgress);
        for (var passed = TimeSpan.Zero; passed < Retention * 2; passed += Retention / 2)
        {
            await PassAsync(Retention / 2);
            Assert.Equal(OwnerAnswer.Accepted, await RenewAsync(scene.Key, scene.Owner));
        }

        await CompleteAsync(scene.Key, scene.Owner);
        await PassAsync(Retention - Tick);
        Assert.IsType<Claim.Finished>(await ClaimAsync(scene.Key));

        await PassAsync(Tick);
        Assert.Null(await GetAsync(scene.Key));
        Assert.Equal(1, Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key)).Attempt);
    }

    [Fact]
    public async Task A_retention_without_end_is_never_over()
    {
        var key = NewKey();
        await CompleteAsync(key, await AcquireAsync(key), retention: TimeSpan.MaxValue);
        await PassAsync(TimeSpan.FromDays(36_500));

        Assert.Equal("first", TextOf(Assert.IsType<Claim.Finished>(await ClaimAsync(key)).Outcome));
        Assert.True((await RecordAsync(key)).ExpiresAt > DateTimeOffset.UnixEpoch.AddYears(1000));
    }

    [Fact]
    public async Task A_lease_without_end_is_never_over()
    {
        var key = NewKey();
        var owner = await AcquireAsync(key, lease: TimeSpan.MaxValue);
        await PassAsync(TimeSpan.FromDays(36_500));

        Assert.IsType<Claim.Busy>(await ClaimAsync(key));
        Assert.Equal(OwnerAnswer.Accepted, await Store.RenewAsync(key, owner, TimeSpan.MaxValue, CancellationToken.None));
    }

    private async Task<OwnerAnswer> WriteAsync(OwnerWrite write, Scene scene, Caller caller) => write switch
    {
        OwnerWrite.Renew => await RenewAsync(scene.Key, scene.As(caller)),
        OwnerWrite.Complete => await CompleteAsync(scene.Key, scene.As(caller)),
        OwnerWrite.Fail => await CompleteAsync(scene.Key, scene.As(caller), Outcome("failed", isFailure: true)),
        _ => await ReleaseAsync(scene.Key, scene.As(caller)),
    };

    private static RecordState StateAfter(OwnerWrite write) => write switch
    {
        OwnerWrite.Renew => RecordState.InProgress,
        OwnerWrite.Complete => RecordState.Completed,
        OwnerWrite.Fail => RecordState.Failed,
        _ => RecordState.Released,
    };
}
