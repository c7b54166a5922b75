using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

public abstract partial class StoreContractTests
{
    public static TheoryData<Situation> Situations() => [.. Enum.GetValues<Situation>()];

    public static TheoryData<Situation, string> Resolutions()
    {
        var cells = new TheoryData<Situation, string>();
        foreach (var situation in Enum.GetValues<Situation>())
        {
            cells.Add(situation, "completed");
            cells.Add(situation, "failed");
            cells.Add(situation, "freed");
        }

        return cells;
    }

    [Theory, MemberData(nameof(Situations))]
    public async Task Abandoning_frees_what_the_token_holds_and_ends_the_token(Situation situation)
    {
        var scene = await GivenAsync(situation);

        await AbandonAsync(scene.Key, scene.Owner.Token);
        await AbandonAsync(scene.Key, scene.Owner.Token);

        var expected = situation switch
        {
            Situation.Completed => RecordState.Completed,
            Situation.Failed => RecordState.Failed,
            _ => RecordState.Released,
        };
        Assert.Equal(expected, (await RecordAsync(scene.Key)).State);
        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, scene.Owner.Token));
    }

    [Theory, MemberData(nameof(Situations))]
    public async Task Abandoning_another_token_ends_it_and_leaves_the_record(Situation situation)
    {
        var scene = await GivenAsync(situation);
        var before = await GetAsync(scene.Key);
        var stranger = OwnerToken.New();

        await AbandonAsync(scene.Key, stranger);

        var after = await RecordAsync(scene.Key);
        Assert.Equal(before?.State ?? RecordState.Released, after.State);
        Assert.Equal((before?.Fence ?? 0, before?.Attempt ?? 0), (after.Fence, after.Attempt));
        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, stranger));
        if (situation is Situation.InProgress or Situation.LeaseOver or Situation.InDoubt)
        {
            Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(scene.Key, scene.Owner));
        }
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

    [Theory, MemberData(nameof(Situations))]
    public async Task A_record_is_read_as_it_is(Situation situation)
    {
        var scene = await GivenAsync(situation);

        var record = await GetAsync(scene.Key);

        if (situation is Situation.Absent or Situation.Expired)
        {
            Assert.Null(record);
            return;
        }

        Assert.NotNull(record);
        Assert.Equal(scene.Key, record.Key);
        Assert.Equal(situation == Situation.LeaseOver ? "InProgress" : situation.ToString(), record.State.ToString());
        Assert.Equal((scene.Owner.Fence, 1), (record.Fence, record.Attempt));
        Assert.Equal(situation is Situation.InProgress or Situation.LeaseOver, record.LeaseUntil is not null);
        Assert.Equal(s_open.Contains(situation), record.ExpiresAt is null);
        Assert.Equal(situation is Situation.Completed or Situation.Failed, record.Outcome is not null);
        Assert.Equal(situation == Situation.Failed, record.Outcome?.IsFailure ?? false);
    }

    [Theory, MemberData(nameof(Resolutions))]
    public async Task Only_doubt_or_a_lease_that_is_over_can_be_resolved(Situation situation, string resolution)
    {
        var scene = await GivenAsync(situation);
        var outcome = resolution == "freed" ? null : Outcome("resolved", resolution == "failed");

        var resolved = await ResolveAsync(scene.Key, scene.Version, outcome);

        Assert.Equal(situation is Situation.InDoubt or Situation.LeaseOver, resolved);
        if (!resolved)
        {
            Assert.Equal(scene.Version, await VersionAsync(scene.Key));
            return;
        }

        var record = await RecordAsync(scene.Key);
        Assert.Equal(resolution == "freed" ? "Released" : resolution, record.State.ToString(), ignoreCase: true);
        Assert.Equal(resolution == "freed" ? null : "resolved", record.Outcome is null ? null : TextOf(record.Outcome));
        Assert.NotNull(record.ExpiresAt);
        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, scene.Owner.Token));
        Assert.Equal(OwnerAnswer.Fenced, await RenewAsync(scene.Key, scene.Owner));
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(scene.Key, scene.Owner, Outcome("late")));
        Assert.Equal(OwnerAnswer.Fenced, await CompleteAsync(scene.Key, scene.Owner, Outcome("late", isFailure: true)));
        Assert.Equal(record.Version, await VersionAsync(scene.Key));
    }

    [Theory]
    [InlineData(Situation.InDoubt)]
    [InlineData(Situation.LeaseOver)]
    public async Task A_resolution_of_an_older_version_changes_nothing(Situation situation)
    {
        var scene = await GivenAsync(situation);
        await RenewAsync(scene.Key, scene.Owner);
        await PassAsync(Lease);

        Assert.False(await ResolveAsync(scene.Key, scene.Version, Outcome("resolved")));
        Assert.False(await ResolveAsync(scene.Key, scene.Version, null));
        Assert.Equal(RecordState.InProgress, (await RecordAsync(scene.Key)).State);
    }

    [Theory, MemberData(nameof(Situations))]
    public async Task Purging_removes_only_what_has_expired(Situation situation)
    {
        var scene = await GivenAsync(situation);
        var kept = situation is not (Situation.Expired or Situation.Absent);

        var removed = await Store.PurgeAsync(100, CancellationToken.None);

        Assert.Equal(situation == Situation.Expired ? 1 : 0, removed);
        Assert.Equal(kept, await GetAsync(scene.Key) is not null);
        await PassAsync(Retention + TombstoneRetention);
        Assert.Equal(kept && !s_open.Contains(situation) ? 1 : 0, await Store.PurgeAsync(100, CancellationToken.None));
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
        Assert.Equal(3, await Store.PurgeAsync(3, CancellationToken.None));
        Assert.Equal(2, await Store.PurgeAsync(3, CancellationToken.None));
    }
}
