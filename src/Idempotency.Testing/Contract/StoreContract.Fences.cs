using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
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
                await PurgeAsync();
            }
        }

        Assert.Equal(fences.Order().Distinct(), fences);
    }

    [Fact]
    public async Task Fences_grow_whoever_is_asked_for_them_and_whatever_ended_the_attempt_before()
    {
        var fences = new List<long>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var situation in new[] { Situation.Expired, Situation.LeaseOver, Situation.Released })
            {
                var scene = await GivenAsync(situation);
                fences.Add(scene.Owner.Fence);
                var next = OwnerToken.New();
                fences.Add(Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key, next, store: OtherStore)).Fence);
                await AbandonAsync(scene.Key, next);
                fences.Add((await AcquireAsync(scene.Key)).Fence);
            }
        }

        Assert.Equal(fences.Order().Distinct(), fences);
    }

    [Fact]
    public async Task A_delayed_claim_after_deletion_does_not_revive_its_old_completion()
    {
        var scene = await GivenAsync(Situation.Expired);
        await PurgeAsync();

        var revived = await AcquireAsync(scene.Key, scene.Owner.Token);

        Assert.True(revived.Fence > scene.Owner.Fence);
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(scene.Key, scene.Owner, Outcome("old epoch")));
        Assert.Null((await RecordAsync(scene.Key)).Outcome);
    }

    [Fact]
    public async Task Every_change_of_a_record_raises_its_version()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var versions = new List<long> { scene.Version };
        async Task SeeAsync() => versions.Add(await VersionAsync(scene.Key));

        if (LeasesEndByTime)
        {
            await RenewAsync(scene.Key, scene.Owner);
            await SeeAsync();
        }

        await EndLeaseAsync(scene.Key, scene.Owner);
        await ClaimAsync(scene.Key, onCrash: OnCrash.Hold);
        await SeeAsync();
        await ClaimAsync(scene.Key, scene.Owner.Token);
        await SeeAsync();
        await EndLeaseAsync(scene.Key, scene.Owner);
        var second = await AcquireAsync(scene.Key);
        await SeeAsync();
        await ReleaseAsync(scene.Key, second);
        await SeeAsync();
        var third = await AcquireAsync(scene.Key);
        await SeeAsync();
        await CompleteAsync(scene.Key, third);
        await SeeAsync();

        Assert.Equal(versions.Order().Distinct(), versions);
    }

    [Fact]
    public async Task Attempts_are_counted_in_one_life_of_a_key()
    {
        var key = NewKey();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            var owner = OwnerToken.New();
            var granted = Assert.IsType<Claim.Acquired>(await ClaimAsync(key, owner));
            Assert.Equal((attempt, attempt is 2 or 4), (granted.Attempt, granted.TakenOver));
            await (attempt % 2 == 1 ? EndLeaseAsync(key, new Ownership(owner, granted.Fence)) : ReleaseAsync(key, new Ownership(owner, granted.Fence)));
        }
    }
}
