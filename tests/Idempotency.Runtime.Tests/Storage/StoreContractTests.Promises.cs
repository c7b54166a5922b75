using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

public abstract partial class StoreContractTests
{
    [Fact]
    public async Task The_last_eight_ended_tokens_are_remembered()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var ended = Enumerable.Range(0, 9).Select(_ => OwnerToken.New()).ToList();
        foreach (var token in ended)
        {
            await AbandonAsync(scene.Key, token);
        }

        foreach (var token in ended.Skip(1))
        {
            Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, token));
        }

        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key, ended[0]));
    }

    [Fact]
    public async Task A_release_may_be_repeated_however_many_other_tokens_ended_since()
    {
        var scene = await GivenAsync(Situation.Released);
        for (var i = 0; i < 9; i++)
        {
            await AbandonAsync(scene.Key, OwnerToken.New());
        }

        Assert.Equal(OwnerAnswer.Accepted, await ReleaseAsync(scene.Key, scene.Owner));
    }

    [Fact]
    public async Task A_new_life_of_a_key_knows_no_ended_tokens()
    {
        var scene = await GivenAsync(Situation.Completed);
        var ended = OwnerToken.New();
        await AbandonAsync(scene.Key, ended);
        await PassAsync(Retention);

        Assert.Equal(1, Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key, ended)).Attempt);
    }

    [Fact]
    public async Task Fences_grow_over_all_keys_and_survive_deletion()
    {
        var fences = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            var (one, two) = (NewKey(), NewKey());
            foreach (var key in new[] { one, two, one, two })
            {
                var owner = await AcquireAsync(key);
                fences.Add(owner.Fence);
                await (round % 2 == 0 ? CompleteAsync(key, owner, retention: Tick) : ReleaseAsync(key, owner));
                await PassAsync(Tick);
                await Store.PurgeAsync(100, CancellationToken.None);
            }
        }

        Assert.Equal(fences.Order().Distinct(), fences);
    }

    [Fact]
    public async Task A_delayed_claim_after_deletion_does_not_revive_its_old_completion()
    {
        var scene = await GivenAsync(Situation.Expired);
        await Store.PurgeAsync(100, CancellationToken.None);

        var revived = await AcquireAsync(scene.Key, scene.Owner.Token);

        Assert.True(revived.Fence > scene.Owner.Fence);
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(scene.Key, scene.Owner, Outcome("old epoch")));
        Assert.Null((await RecordAsync(scene.Key)).Outcome);
    }

    [Fact]
    public async Task One_of_many_simultaneous_claims_is_granted()
    {
        const int Rounds = 50, Callers = 32;
        for (var round = 0; round < Rounds; round++)
        {
            var key = NewKey();
            var answers = await Threads.AtOnceAsync(Callers, _ => ClaimAsync(key));

            Assert.Single(answers.OfType<Claim.Acquired>());
            Assert.Equal(Callers - 1, answers.OfType<Claim.Busy>().Count());
        }
    }

    [Fact]
    public async Task One_of_many_simultaneous_take_overs_is_granted()
    {
        const int Rounds = 20, Callers = 32;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.LeaseOver);
            var answers = await Threads.AtOnceAsync(Callers, _ => ClaimAsync(scene.Key));

            Assert.Single(answers.OfType<Claim.Acquired>());
            Assert.Equal(Callers - 1, answers.OfType<Claim.Busy>().Count());
        }
    }

    [Fact]
    public async Task Simultaneous_claims_of_an_expired_key_never_meet_a_removed_record()
    {
        const int Rounds = 50, Callers = 8;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.Expired);
            var answers = await Threads.AtOnceAsync(Callers, async caller =>
            {
                await Store.PurgeAsync(caller, CancellationToken.None);
                return await ClaimAsync(scene.Key);
            });

            Assert.Equal(Assert.Single(answers.OfType<Claim.Acquired>()).Fence, (await RecordAsync(scene.Key)).Fence);
        }
    }

    [Fact]
    public async Task A_call_that_is_cancelled_already_changes_nothing()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var cancelled = new CancellationToken(canceled: true);

        await Refused(() => Store.TryClaimAsync(scene.Key, new ClaimRequest(scene.Owner.Token, Lease, OnCrash.Retry, default), cancelled).AsTask());
        await Refused(() => Store.RenewAsync(scene.Key, scene.Owner, Lease, cancelled).AsTask());
        await Refused(() => Store.CompleteAsync(scene.Key, scene.Owner, Outcome("late"), Retention, cancelled).AsTask());
        await Refused(() => Store.ReleaseAsync(scene.Key, scene.Owner, cancelled).AsTask());
        await Refused(() => Store.AbandonAsync(scene.Key, scene.Owner.Token, cancelled).AsTask());

        Assert.Equal(scene.Version, await VersionAsync(scene.Key));

        static Task Refused(Func<Task> call) => Assert.ThrowsAnyAsync<OperationCanceledException>(call);
    }
}
