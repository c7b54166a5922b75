using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.DynamoDb.Tests;

/// <summary>The client sends again by itself what it got no good answer to, although it was applied: then the record tells.</summary>
public sealed class LostAnswerTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private readonly SteppedTime _time = new();
    private readonly IdempotencyKey _key = TestTable.NewKey();
    private readonly OwnerToken _token = OwnerToken.New();

    public static TheoryData<bool> Services => [true, false];

    [Theory, MemberData(nameof(Services))]
    public async Task A_claim_that_was_applied_is_granted_although_its_answer_was_lost(bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        LoseNextUpdate(wire);

        var claim = Assert.IsType<Claim.Acquired>(await ClaimAsync(store, _token));

        Assert.Equal((1, false), (claim.Attempt, claim.TakenOver));
        Assert.Equal(claim.Fence, (await store.GetAsync(_key, default))!.Fence);
        Assert.Equal(3, wire.Seen.Count(static seen => seen.Operation == "UpdateItem")); // sent, sent again by the client, and its lease renewed
        Assert.Equal(wire.Seen[0].Body.ToJsonString(), wire.Seen[1].Body.ToJsonString());
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_take_over_that_was_applied_is_one_although_its_answer_was_lost(bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        await ClaimAsync(store, OwnerToken.New());
        await store.GetAsync(_key, default);
        _time.Advance(s_lease);
        LoseNextUpdate(wire, "#version = :seen");

        var claim = Assert.IsType<Claim.Acquired>(await ClaimAsync(store, _token));

        Assert.Equal((2, true), (claim.Attempt, claim.TakenOver));
        Assert.Equal(claim.Fence, (await store.GetAsync(_key, default))!.Fence);
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_take_over_is_one_although_the_answers_to_it_and_to_its_repetition_were_lost(bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        await ClaimAsync(store, OwnerToken.New());
        await store.GetAsync(_key, default);
        _time.Advance(s_lease);
        var writes = 0;
        wire.LosesAnswer = exchange => exchange.Condition == "#version = :seen" && Interlocked.Increment(ref writes) is 1 or 3; // between them the client's own repetition

        var claim = Assert.IsType<Claim.Acquired>(await ClaimAsync(store, _token));

        Assert.Equal((2, true), (claim.Attempt, claim.TakenOver));
        Assert.Equal(5, writes);
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_doubt_that_was_recorded_is_told_although_its_answer_was_lost(bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        await ClaimAsync(store, OwnerToken.New());
        await store.GetAsync(_key, default);
        _time.Advance(s_lease);
        LoseNextUpdate(wire, "#version = :seen");

        Assert.Equal(1, Assert.IsType<Claim.InDoubt>(await ClaimAsync(store, _token, OnCrash.Hold)).Attempt);
    }

    [Theory]
    [InlineData("renew", true)]
    [InlineData("renew", false)]
    [InlineData("complete", true)]
    [InlineData("complete", false)]
    [InlineData("release", true)]
    [InlineData("release", false)]
    public async Task An_owners_write_that_was_applied_is_accepted_although_its_answer_was_lost(string write, bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        var owner = await AcquireAsync(store);
        LoseNextUpdate(wire);

        var answer = await (write switch
        {
            "renew" => store.RenewAsync(_key, owner, s_lease, default),
            "complete" => store.CompleteAsync(_key, owner, new StoredOutcome(false, "done"u8.ToArray()), TimeSpan.FromHours(1), default),
            _ => store.ReleaseAsync(_key, owner, default),
        });

        Assert.Equal(OwnerAnswer.Accepted, answer);
        var expected = write switch { "renew" => RecordState.InProgress, "complete" => RecordState.Completed, _ => RecordState.Released };
        Assert.Equal(expected, (await store.GetAsync(_key, default))!.State);
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_resolution_and_an_abandonment_are_known_again(bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        var owner = await AcquireAsync(store);
        await store.RenewAsync(_key, owner, TimeSpan.Zero, default);
        LoseNextUpdate(wire);
        await store.AbandonAsync(_key, _token, default);
        LoseNextUpdate(wire);
        var record = await store.GetAsync(_key, default);

        Assert.True(await store.ResolveAsync(_key, record!.Version, new StoredOutcome(false, "found"u8.ToArray()), TimeSpan.FromHours(1), default));

        Assert.Same(Claim.Stale, await ClaimAsync(store, _token));
        Assert.Equal(OwnerAnswer.Fenced, await store.CompleteAsync(_key, owner, new StoredOutcome(false, default), TimeSpan.FromHours(1), default));
    }

    [Fact]
    public async Task A_claim_between_the_write_and_its_repetition_is_not_taken_for_ones_own()
    {
        var (store, wire) = Open(tellsItem: true);
        var other = TestTable.Store(_time);
        var owner = await AcquireAsync(store);
        var lost = 0;
        wire.LosesAnswer = exchange => exchange.Operation == "UpdateItem" && Interlocked.Increment(ref lost) == 1 && FreeAndClaim();

        Assert.Equal(OwnerAnswer.Accepted, await store.ReleaseAsync(_key, owner, default)); // its token is among the ended ones
        Assert.Equal(OwnerAnswer.Fenced, await store.CompleteAsync(_key, owner, new StoredOutcome(false, default), TimeSpan.FromHours(1), default));
        Assert.Equal(2, (await store.GetAsync(_key, default))!.Attempt);

        // Blocks, because the wire asks without awaiting; the other store has a client and threads of its own.
        bool FreeAndClaim() => other.TryClaimAsync(_key, new ClaimRequest(_token, s_lease, OnCrash.Retry, default), default).AsTask().GetAwaiter().GetResult() is Claim.Acquired;
    }

    [Theory, MemberData(nameof(Services))]
    public async Task A_key_that_was_freed_before_it_could_be_taken_over_is_not_taken_over(bool tellsItem)
    {
        var (store, wire) = Open(tellsItem);
        var other = TestTable.Store(_time);
        var owner = await AcquireAsync(other);
        await other.RenewAsync(_key, owner, TimeSpan.Zero, default);
        var writes = 0;
        wire.Instead = exchange =>
        {
            if (exchange.Condition == "#version = :seen" && Interlocked.Increment(ref writes) == 1)
            {
                // Blocks, because the wire asks without awaiting; the other store has a client and threads of its own.
                Assert.Equal(OwnerAnswer.Accepted, other.ReleaseAsync(_key, owner, default).AsTask().GetAwaiter().GetResult());
            }

            return null;
        };

        var claim = Assert.IsType<Claim.Acquired>(await ClaimAsync(store, _token));

        Assert.Equal((2, false), (claim.Attempt, claim.TakenOver));
        Assert.Equal(2, writes); // refused once, and granted when the key was free
    }

    private static void LoseNextUpdate(Wire wire, string? condition = null)
    {
        var lost = 0;
        wire.Forget();
        wire.LosesAnswer = exchange =>
            exchange.Operation == "UpdateItem" && (condition is null || exchange.Condition == condition) && Interlocked.Increment(ref lost) == 1;
    }

    private (DynamoDbStore Store, Wire Wire) Open(bool tellsItem)
    {
        var wire = new Wire(tellsItem ? TestTable.Service : null);
        return (TestTable.Store(_time, wire), wire);
    }

    private async Task<Claim> ClaimAsync(DynamoDbStore store, OwnerToken token, OnCrash onCrash = OnCrash.Retry) =>
        await store.TryClaimAsync(_key, new ClaimRequest(token, s_lease, onCrash, default), default);

    private async Task<Ownership> AcquireAsync(DynamoDbStore store)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await ClaimAsync(store, token)).Fence);
    }
}
