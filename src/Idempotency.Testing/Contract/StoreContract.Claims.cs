using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    /// <summary>Situation, who claims, and the answer under Retry and under Hold. See <see cref="Say"/> for the words.</summary>
    private static readonly (Situation, Caller, string Retry, string Hold)[] s_claims =
    [
        (Situation.Absent, Caller.Owner, "first", "first"),
        (Situation.Absent, Caller.OtherToken, "first", "first"),
        (Situation.Expired, Caller.Owner, "first", "first"),
        (Situation.Expired, Caller.OtherToken, "first", "first"),
        (Situation.InProgress, Caller.Owner, "again", "again"),
        (Situation.InProgress, Caller.OtherToken, "busy", "busy"),
        (Situation.LeaseOver, Caller.Owner, "again", "again"),
        (Situation.LeaseOver, Caller.OtherToken, "taken over", "in doubt"),
        (Situation.InDoubt, Caller.Owner, "again", "again"),
        (Situation.InDoubt, Caller.OtherToken, "in doubt", "in doubt"),
        (Situation.Completed, Caller.Owner, "finished", "finished"),
        (Situation.Completed, Caller.OtherToken, "finished", "finished"),
        (Situation.Failed, Caller.Owner, "finished", "finished"),
        (Situation.Failed, Caller.OtherToken, "finished", "finished"),
        (Situation.Released, Caller.Owner, "stale", "stale"),
        (Situation.Released, Caller.OtherToken, "next", "next"),
    ];

    public static TheoryData<Situation, Caller, OnCrash, string> ClaimCells()
    {
        var cells = new TheoryData<Situation, Caller, OnCrash, string>();
        foreach (var (situation, caller, retry, hold) in s_claims)
        {
            cells.Add(situation, caller, OnCrash.Retry, retry);
            cells.Add(situation, caller, OnCrash.Hold, hold);
        }

        return cells;
    }

    public static TheoryData<Situation, OnCrash> LiveSituationsAndPolicies()
    {
        var cells = new TheoryData<Situation, OnCrash>();
        foreach (var situation in s_live)
        {
            cells.Add(situation, OnCrash.Retry);
            cells.Add(situation, OnCrash.Hold);
        }

        return cells;
    }

    [Theory, MemberData(nameof(ClaimCells))]
    public async Task A_claim_is_answered_by_the_table(Situation situation, Caller caller, OnCrash onCrash, string expected)
    {
        var scene = await GivenAsync(situation);

        var answer = await ClaimAsync(scene.Key, scene.As(caller).Token, onCrash);

        Assert.Equal(expected, Say(answer, scene));
        var record = await RecordAsync(scene.Key);
        Assert.Equal(StateAfter(answer, situation), record.State);
        if (answer is Claim.Acquired acquired)
        {
            Assert.Equal((acquired.Fence, acquired.Attempt), (record.Fence, record.Attempt));
            Assert.Null(record.ExpiresAt);
            Assert.Null(record.Outcome);
        }
        else if (expected != "in doubt")
        {
            Assert.Equal(scene.Version, record.Version);
        }
    }

    [Theory, MemberData(nameof(LiveSituationsAndPolicies))]
    public async Task An_ended_token_is_stale_in_every_live_situation(Situation situation, OnCrash onCrash)
    {
        var scene = await GivenAsync(situation);
        var ended = OwnerToken.New();
        await AbandonAsync(scene.Key, ended);
        var before = await RecordAsync(scene.Key);

        Assert.Same(Claim.Stale, await ClaimAsync(scene.Key, ended, onCrash));
        Assert.Equal((before.Version, before.State), ((await RecordAsync(scene.Key)).Version, before.State));
    }

    [Theory, MemberData(nameof(ClaimCells))]
    public async Task Another_fingerprint_is_a_mismatch_in_every_state_that_has_one(Situation situation, Caller caller, OnCrash onCrash, string expected)
    {
        var scene = await GivenAsync(situation);

        var answer = await ClaimAsync(scene.Key, scene.As(caller).Token, onCrash, fingerprint: Bytes("other"));

        if (expected is "first" or "next" or "stale")
        {
            Assert.Equal(expected, Say(answer, scene));
        }
        else
        {
            Assert.Same(Claim.Mismatch, answer);
            Assert.Equal(scene.Version, await VersionAsync(scene.Key));
        }
    }

    [Fact]
    public async Task A_busy_answer_tells_attempt_remaining_lease_and_version()
    {
        var scene = await GivenAsync(Situation.InProgress);
        await PassAsync(Lease / 3);

        var busy = Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key));

        Assert.Equal((1, scene.Version), (busy.Attempt, busy.Version));
        Assert.InRange(busy.Remaining, TimeSpan.FromTicks(1), Lease);
    }

    [Fact]
    public async Task A_lease_ends_when_its_time_is_over_or_lasts_as_long_as_its_owner()
    {
        var scene = await GivenAsync(Situation.InProgress);
        await PassAsync(Lease - Tick);
        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key));

        await PassAsync(Tick);

        var answer = await ClaimAsync(scene.Key);
        Assert.True(LeasesEndByTime ? answer is Claim.Acquired { TakenOver: true } : answer is Claim.Busy, $"The answer is {answer}.");
    }

    [Fact]
    public async Task A_claim_that_is_repeated_gets_a_fresh_lease()
    {
        var scene = await GivenAsync(Situation.InProgress);
        await PassAsync(Lease - Tick);
        await ClaimAsync(scene.Key, scene.Owner.Token);
        await PassAsync(Lease - Tick);
        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key));

        await EndLeaseAsync(scene.Key, scene.Owner);

        Assert.True(Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key)).TakenOver);
    }

    /// <summary>The answer in a word: granted as <c>first</c> attempt, the <c>next</c>, by <c>taken over</c>, or once <c>again</c>.</summary>
    private static string Say(Claim answer, Scene scene) => answer switch
    {
        Claim.Acquired { Attempt: 1, TakenOver: false } same when same.Fence == scene.Owner.Fence => "again",
        Claim.Acquired { Attempt: 1, TakenOver: false } granted when granted.Fence > scene.Owner.Fence => "first",
        Claim.Acquired { Attempt: 2, TakenOver: false } granted when granted.Fence > scene.Owner.Fence => "next",
        Claim.Acquired { Attempt: 2, TakenOver: true } granted when granted.Fence > scene.Owner.Fence => "taken over",
        Claim.Busy { Attempt: 1 } => "busy",
        Claim.InDoubt { Attempt: 1 } => "in doubt",
        Claim.Finished finished when TextOf(finished.Outcome) == "first" => "finished",
        _ when ReferenceEquals(answer, Claim.Stale) => "stale",
        _ => answer.ToString(),
    };

    private static RecordState StateAfter(Claim answer, Situation before) => answer switch
    {
        Claim.Acquired or Claim.Busy => RecordState.InProgress,
        Claim.InDoubt => RecordState.InDoubt,
        Claim.Finished when before == Situation.Failed => RecordState.Failed,
        Claim.Finished => RecordState.Completed,
        _ => RecordState.Released,
    };
}
