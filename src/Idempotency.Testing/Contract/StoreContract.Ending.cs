using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
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
        Assert.Equal(situation is Situation.InProgress or Situation.LeaseOver, record.LeaseUntil is not null || (!LeasesEndByTime && record.State == RecordState.InProgress));
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
        await EndLeaseAsync(scene.Key, scene.Owner);

        Assert.False(await ResolveAsync(scene.Key, scene.Version, Outcome("resolved")));
        Assert.False(await ResolveAsync(scene.Key, scene.Version, null));
        Assert.Equal(RecordState.InProgress, (await RecordAsync(scene.Key)).State);
    }

    [Theory]
    [InlineData(Situation.InDoubt)]
    [InlineData(Situation.LeaseOver)]
    public async Task A_version_of_an_earlier_life_of_the_key_resolves_nothing(Situation situation)
    {
        var earlier = await GivenAsync(situation);
        await CompleteAsync(earlier.Key, earlier.Owner);
        await PassAsync(Retention);
        await PurgeAsync();
        var owner = await AcquireAsync(earlier.Key);
        await EndLeaseAsync(earlier.Key, owner);
        await ClaimAsync(earlier.Key, onCrash: OnCrash.Hold);

        Assert.False(await ResolveAsync(earlier.Key, earlier.Version, Outcome("resolved")));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(earlier.Key, owner));
    }

    [Fact]
    public async Task One_of_two_resolutions_of_one_version_counts()
    {
        var scene = await GivenAsync(Situation.InDoubt);

        Assert.True(await ResolveAsync(scene.Key, scene.Version, Outcome("first")));
        Assert.False(await ResolveAsync(scene.Key, scene.Version, Outcome("second")));

        Assert.Equal("first", TextOf(Assert.IsType<Claim.Finished>(await ClaimAsync(scene.Key)).Outcome));
    }

    [Fact]
    public async Task A_key_from_outside_finds_its_record_and_resolves_it()
    {
        var scene = await GivenAsync(Situation.InDoubt);
        var outside = IdempotencyKey.FromText(scene.Key.Operation, scene.Key.Text);

        Assert.Equal(scene.Version, await VersionAsync(outside));
        Assert.True(await ResolveAsync(outside, scene.Version, Outcome("resolved")));
        Assert.Null(await GetAsync(IdempotencyKey.FromText(scene.Key.Operation, new string('0', 64))));
    }
}
