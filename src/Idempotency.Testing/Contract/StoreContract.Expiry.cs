using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    public static TheoryData<Situation> Situations() => [.. Enum.GetValues<Situation>()];

    [Theory]
    [InlineData(Situation.Completed)]
    [InlineData(Situation.Failed)]
    public async Task An_outcome_is_there_until_its_retention_is_over_and_then_no_more(Situation situation)
    {
        var scene = await GivenAsync(situation);
        await PassAsync(Retention - Tick);
        await PurgeAsync();
        Assert.Equal("first", TextOf(Assert.IsType<Claim.Finished>(await ClaimAsync(scene.Key)).Outcome));

        await PassAsync(Tick);

        Assert.Null(await GetAsync(scene.Key));
        Assert.Equal(1, Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key)).Attempt);
    }

    [Fact]
    public async Task A_freed_key_remembers_its_ended_tokens_until_the_tombstone_is_over()
    {
        var scene = await GivenAsync(Situation.Released);
        await PassAsync(TombstoneRetention - Tick);
        await PurgeAsync();
        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, scene.Owner.Token));

        await PassAsync(Tick);

        Assert.Null(await GetAsync(scene.Key));
        Assert.Equal(1, Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key, scene.Owner.Token)).Attempt);
    }

    [Fact]
    public async Task A_token_that_ends_again_while_its_key_is_free_is_remembered_for_a_whole_tombstone_more()
    {
        var scene = await GivenAsync(Situation.Released);
        await PassAsync(TombstoneRetention - Tick);
        await AbandonAsync(scene.Key, scene.Owner.Token);
        await PassAsync(TombstoneRetention - Tick);

        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, scene.Owner.Token));
    }

    [Fact]
    public async Task The_tombstone_of_an_abandoned_claim_lets_others_in_and_ends()
    {
        var key = NewKey();
        var token = OwnerToken.New();
        await AbandonAsync(key, token);
        await PassAsync(TombstoneRetention - Tick);
        Assert.Same(Claim.Stale, await ClaimAsync(key, token));

        await PassAsync(Tick);
        Assert.Null(await GetAsync(key));
        Assert.Equal(1, Assert.IsType<Claim.Acquired>(await ClaimAsync(key)).Attempt);
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
        await PassAsync(Retention * 10);

        Assert.Equal("first", TextOf(Assert.IsType<Claim.Finished>(await ClaimAsync(key)).Outcome));
        Assert.True((await RecordAsync(key)).ExpiresAt > DateTimeOffset.UnixEpoch.AddYears(1000));
    }

    [Theory]
    [InlineData(Situation.InProgress)]
    [InlineData(Situation.LeaseOver)]
    [InlineData(Situation.InDoubt)]
    public async Task What_is_in_progress_or_in_doubt_never_expires(Situation situation)
    {
        var scene = await GivenAsync(situation);
        await PassAsync(Retention * 10);
        await PurgeAsync();

        Assert.Equal(scene.Version, await VersionAsync(scene.Key));
        Assert.IsNotType<Claim.Acquired>(await ClaimAsync(scene.Key, onCrash: OnCrash.Hold));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(scene.Key, scene.Owner));
    }

    [Fact]
    public async Task Doubt_is_dated_when_it_is_found_and_never_ends_by_itself()
    {
        var scene = await GivenAsync(Situation.InDoubt);
        var first = Assert.IsType<Claim.InDoubt>(await ClaimAsync(scene.Key, onCrash: OnCrash.Hold));
        await PassAsync(Retention * 10);
        await PurgeAsync();

        Assert.Equal(first, await ClaimAsync(scene.Key, onCrash: OnCrash.Retry));
        Assert.Equal(1, first.Attempt);
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

    [Theory, MemberData(nameof(Situations))]
    public async Task Purging_removes_only_what_has_expired(Situation situation)
    {
        var scene = await GivenAsync(situation);
        var kept = situation is not (Situation.Expired or Situation.Absent);

        var removed = await PurgeAsync();

        AssertPurged(situation == Situation.Expired ? 1 : 0, removed);
        Assert.Equal(kept, await GetAsync(scene.Key) is not null);
        await PassAsync(Retention + TombstoneRetention);
        AssertPurged(kept && !s_open.Contains(situation) ? 1 : 0, await PurgeAsync());
        Assert.Equal(s_open.Contains(situation), await GetAsync(scene.Key) is not null);
    }

    [Fact]
    public async Task Purging_removes_no_more_than_it_is_told()
    {
        for (var i = 0; i < 5; i++)
        {
            var key = NewKey();
            await CompleteAsync(key, await AcquireAsync(key));
        }

        await PassAsync(Retention);

        Assert.Equal(0, await Store.PurgeAsync(0, CancellationToken.None));
        AssertPurged(3, await Store.PurgeAsync(3, CancellationToken.None));
        AssertPurged(2, await Store.PurgeAsync(3, CancellationToken.None));
    }

    private void AssertPurged(int expected, int actual) => Assert.InRange(actual, PurgesByItself ? 0 : expected, expected);
}
