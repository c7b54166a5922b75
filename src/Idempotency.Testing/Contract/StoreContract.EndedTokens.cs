using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    [Fact]
    public async Task The_last_eight_ended_tokens_are_remembered()
    {
        var scene = await GivenAsync(Situation.InProgress);

        var ended = await EndStrangersAsync(scene.Key, 9);

        await AssertEndedAsync(scene.Key, ended[1..]);
    }

    [Fact]
    public async Task Of_the_last_eight_ended_tokens_none_is_forgotten_for_an_owner_that_ended_before_it()
    {
        var scene = await GivenAsync(Situation.InProgress);
        await ReleaseAsync(scene.Key, scene.Owner);
        var stranger = OwnerToken.New();
        await AbandonAsync(scene.Key, stranger);
        await AcquireAsync(scene.Key);
        await EndStrangersAsync(scene.Key, 7);

        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, stranger));
    }

    [Fact]
    public async Task Of_the_last_eight_tokens_that_ended_while_a_key_is_free_none_is_forgotten_for_the_owner_that_freed_it()
    {
        var scene = await GivenAsync(Situation.Released);

        var ended = await EndStrangersAsync(scene.Key, 9);

        await AssertEndedAsync(scene.Key, ended[1..]);
    }

    [Fact]
    public async Task Of_the_last_eight_ended_tokens_none_is_forgotten_for_an_operator()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var ended = await EndStrangersAsync(scene.Key, 7);
        await EndLeaseAsync(scene.Key, scene.Owner);
        Assert.True(await ResolveAsync(scene.Key, (await RecordAsync(scene.Key)).Version, outcome: null));
        await AbandonAsync(scene.Key, OwnerToken.New());

        await AssertEndedAsync(scene.Key, [.. ended[1..], scene.Owner.Token]);
    }

    [Fact]
    public async Task An_owner_whose_key_an_operator_has_freed_has_ended_however_many_others_ended_since()
    {
        var scene = await GivenAsync(Situation.InDoubt);
        Assert.True(await ResolveAsync(scene.Key, scene.Version, outcome: null));
        await EndStrangersAsync(scene.Key, 9);

        Assert.Equal(OwnerAnswer.Accepted, await ReleaseAsync(scene.Key, scene.Owner));
    }

    [Fact]
    public async Task A_token_that_ends_again_after_eight_others_is_one_of_the_last_eight()
    {
        var scene = await GivenAsync(Situation.Released);
        await EndStrangersAsync(scene.Key, 8);
        await AbandonAsync(scene.Key, scene.Owner.Token);
        await AcquireAsync(scene.Key);
        await AbandonAsync(scene.Key, OwnerToken.New());

        Assert.Equal(OwnerAnswer.Accepted, await ReleaseAsync(scene.Key, scene.Owner));
        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, scene.Owner.Token));
    }

    [Fact]
    public async Task The_last_eight_owners_that_were_taken_over_are_remembered()
    {
        var key = NewKey();
        var owners = new List<Ownership>();
        for (var i = 0; i < 10; i++)
        {
            var owner = await AcquireAsync(key);
            owners.Add(owner);
            await EndLeaseAsync(key, owner);
        }

        foreach (var zombie in owners[1..9])
        {
            Assert.Same(Claim.Stale, await ClaimAsync(key, zombie.Token));
            Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(key, zombie));
        }

        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(key, owners[9]));
    }

    [Fact]
    public async Task A_token_that_is_ended_again_pushes_no_other_out()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var (first, again) = (OwnerToken.New(), OwnerToken.New());
        await AbandonAsync(scene.Key, first);
        for (var i = 0; i < 20; i++)
        {
            await AbandonAsync(scene.Key, again);
        }

        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, first));
    }

    [Fact]
    public async Task A_release_may_be_repeated_however_many_other_tokens_ended_since()
    {
        var scene = await GivenAsync(Situation.Released);
        await EndStrangersAsync(scene.Key, 9);

        Assert.Equal(OwnerAnswer.Accepted, await ReleaseAsync(scene.Key, scene.Owner));
    }

    /// <summary>Ends so many tokens of nobody, one after another.</summary>
    private async Task<OwnerToken[]> EndStrangersAsync(IdempotencyKey key, int count)
    {
        var tokens = Enumerable.Range(0, count).Select(static _ => OwnerToken.New()).ToArray();
        foreach (var token in tokens)
        {
            await AbandonAsync(key, token);
        }

        return tokens;
    }

    private async Task AssertEndedAsync(IdempotencyKey key, OwnerToken[] tokens)
    {
        foreach (var token in tokens)
        {
            Assert.Same(Claim.Stale, await ClaimAsync(key, token));
        }
    }
}
