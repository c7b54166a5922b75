using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    /// <summary>What an owner may write.</summary>
    public enum OwnerWrite
    {
        /// <summary>A fresh lease.</summary>
        Renew,

        /// <summary>A result.</summary>
        Complete,

        /// <summary>A failure.</summary>
        Fail,

        /// <summary>That the key is free.</summary>
        Release,
    }

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

        var answer = await WriteAsync(write, scene.Key, scene.As(caller));

        Assert.Equal(changes || repeats ? OwnerAnswer.Accepted : OwnerAnswer.Fenced, answer);
        var record = await GetAsync(scene.Key);
        if (!changes)
        {
            Assert.Equal(scene.Version, record?.Version ?? 0);
            return;
        }

        // Where the owner's life is the lease, a renewal may have nothing to change.
        Assert.True(record!.Version > scene.Version || (write == OwnerWrite.Renew && situation == Situation.InProgress && !LeasesEndByTime));
        Assert.Equal(StateAfter(write), record.State);
        Assert.Equal(OwnerAnswer.Accepted, await WriteAsync(write, scene.Key, scene.As(caller)));
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

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task A_renewal_with_a_lease_of_zero_ends_it_at_once(OnCrash onCrash)
    {
        var scene = await GivenAsync(Situation.InProgress);

        Assert.Equal(OwnerAnswer.Accepted, await RenewAsync(scene.Key, scene.Owner, TimeSpan.Zero));

        Assert.Equal(RecordState.InProgress, (await RecordAsync(scene.Key)).State);
        var answer = await ClaimAsync(scene.Key, onCrash: onCrash);
        Assert.True(onCrash == OnCrash.Hold ? answer is Claim.InDoubt : answer is Claim.Acquired { TakenOver: true }, $"The answer is {answer}.");
    }

    [Fact]
    public async Task A_renewal_changes_neither_fence_nor_attempt()
    {
        var scene = await GivenAsync(Situation.InProgress);
        await RenewAsync(scene.Key, scene.Owner);

        var record = await RecordAsync(scene.Key);

        Assert.Equal((RecordState.InProgress, scene.Owner.Fence, 1), (record.State, record.Fence, record.Attempt));
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
    public async Task A_lease_without_end_is_never_over()
    {
        var key = NewKey();
        var owner = await AcquireAsync(key, lease: TimeSpan.MaxValue);
        await PassAsync(Retention * 10);

        Assert.IsType<Claim.Busy>(await ClaimAsync(key));
        Assert.Equal(OwnerAnswer.Accepted, await RenewAsync(key, owner, TimeSpan.MaxValue));
    }

    private async Task<OwnerAnswer> WriteAsync(OwnerWrite write, IdempotencyKey key, Ownership owner) => write switch
    {
        OwnerWrite.Renew => await RenewAsync(key, owner),
        OwnerWrite.Complete => await CompleteAsync(key, owner),
        OwnerWrite.Fail => await CompleteAsync(key, owner, Outcome("failed", isFailure: true)),
        _ => await ReleaseAsync(key, owner),
    };

    private static RecordState StateAfter(OwnerWrite write) => write switch
    {
        OwnerWrite.Renew => RecordState.InProgress,
        OwnerWrite.Complete => RecordState.Completed,
        OwnerWrite.Fail => RecordState.Failed,
        _ => RecordState.Released,
    };
}
