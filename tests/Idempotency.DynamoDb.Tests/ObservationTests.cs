using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.DynamoDb.Tests;

/// <summary>Without a clock that all share, a lease is over for whoever has seen it unchanged for as long as it lasts.</summary>
public sealed class ObservationTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private readonly SteppedTime _time = new();
    private readonly IdempotencyKey _key = TestTable.NewKey();

    [Fact]
    public async Task Whoever_sees_a_claim_for_the_first_time_waits_a_whole_lease()
    {
        var (owner, other) = (TestTable.Store(_time), TestTable.Store(_time));
        await ClaimAsync(owner);
        _time.Advance(10 * s_lease);

        Assert.Equal(s_lease, Assert.IsType<Claim.Busy>(await ClaimAsync(other)).Remaining);
        _time.Advance(s_lease - TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromTicks(1), Assert.IsType<Claim.Busy>(await ClaimAsync(other)).Remaining);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.True(Assert.IsType<Claim.Acquired>(await ClaimAsync(other)).TakenOver);
    }

    [Fact]
    public async Task A_renewal_that_nobody_looked_at_begins_a_new_lease_for_everybody()
    {
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time));
        var owner = await AcquireAsync(mine);
        Assert.IsType<Claim.Busy>(await ClaimAsync(other));
        _time.Advance(s_lease);
        await mine.RenewAsync(_key, owner, s_lease, default);

        Assert.Equal(s_lease, Assert.IsType<Claim.Busy>(await ClaimAsync(other)).Remaining);
    }

    [Fact]
    public async Task What_a_bystander_changes_does_not_put_off_the_end_of_a_lease()
    {
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time));
        await ClaimAsync(mine);
        Assert.IsType<Claim.Busy>(await ClaimAsync(other));
        _time.Advance(s_lease / 2);

        await mine.AbandonAsync(_key, OwnerToken.New(), default); // of a caller that has hung up while it claimed

        Assert.Equal(s_lease / 2, Assert.IsType<Claim.Busy>(await ClaimAsync(other)).Remaining);
        _time.Advance(s_lease / 2);
        Assert.True(Assert.IsType<Claim.Acquired>(await ClaimAsync(other)).TakenOver);
    }

    [Fact]
    public async Task A_renewal_after_the_look_and_before_the_take_over_wins()
    {
        var wire = new Wire(TestTable.Service);
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time, wire));
        var owner = await AcquireAsync(mine);
        Assert.IsType<Claim.Busy>(await ClaimAsync(other));
        _time.Advance(s_lease);
        wire.Instead = exchange =>
        {
            if (exchange.Condition == "#version = :seen")
            {
                mine.RenewAsync(_key, owner, s_lease, default).AsTask().GetAwaiter().GetResult();
            }

            return null;
        };

        Assert.IsType<Claim.Busy>(await ClaimAsync(other));
        Assert.Equal(OwnerAnswer.Accepted, await mine.CompleteAsync(_key, owner, new StoredOutcome(false, default), s_lease, default));
    }

    [Fact]
    public async Task A_lease_that_its_owner_has_ended_is_over_for_who_never_saw_it()
    {
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time));
        await mine.RenewAsync(_key, await AcquireAsync(mine), TimeSpan.Zero, default);

        Assert.True(Assert.IsType<Claim.Acquired>(await ClaimAsync(other)).TakenOver);
    }

    [Theory]
    [InlineData(-3650)]
    [InlineData(3650)]
    public async Task No_wall_clock_decides_who_owns_a_key(int days)
    {
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time));
        await ClaimAsync(mine);
        Assert.IsType<Claim.Busy>(await ClaimAsync(other));
        _time.JumpWallClock(TimeSpan.FromDays(days));

        Assert.Equal(s_lease, Assert.IsType<Claim.Busy>(await ClaimAsync(other)).Remaining);
    }

    [Fact]
    public async Task A_process_that_has_not_seen_a_lease_end_does_not_resolve_it()
    {
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time));
        await ClaimAsync(mine);
        _time.Advance(s_lease);
        var record = await other.GetAsync(_key, default);

        Assert.False(await other.ResolveAsync(_key, record!.Version, null, s_lease, default));
        _time.Advance(s_lease);
        Assert.True(await other.ResolveAsync(_key, record.Version, null, s_lease, default));
    }

    [Fact]
    public void What_is_watched_is_bounded_and_who_is_looked_at_is_not_forgotten()
    {
        var leases = new LeaseObserver(_time, most: 100);
        var watched = new RecordKey("watched", "");
        leases.Remaining(watched, 1, s_lease);
        for (var i = 0; i < 1000; i++)
        {
            leases.Remaining(new RecordKey("once", $"{i}"), 1, s_lease);
            if (i % 25 == 0)
            {
                leases.Remaining(watched, 1, s_lease);
            }
        }

        _time.Advance(s_lease / 2);
        Assert.Equal(s_lease / 2, leases.Remaining(watched, 1, s_lease));
        Assert.Equal(s_lease / 2, leases.Remaining(new RecordKey("once", "999"), 1, s_lease));
        Assert.Equal(s_lease, leases.Remaining(new RecordKey("once", "0"), 1, s_lease)); // forgotten: its lease begins anew
        Assert.Equal(s_lease, leases.Remaining(watched, 2, s_lease));
    }

    [Fact]
    public async Task All_waiters_of_a_key_share_one_look_and_a_write_of_this_process_wakes_them_without_one()
    {
        var wire = new Wire();
        var store = TestTable.Store(_time, wire, static options => options.PollInterval = TimeSpan.FromMinutes(1));
        var owner = await AcquireAsync(store);
        var version = (await store.GetAsync(_key, default))!.Version;
        wire.Forget();
        var waiters = Enumerable.Range(0, 50).Select(_ => store.WaitAsync(_key, version, TimeSpan.FromHours(1), default).AsTask()).ToList();

        await store.CompleteAsync(_key, owner, new StoredOutcome(false, default), TimeSpan.FromHours(1), default);

        await Task.WhenAll(waiters).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(wire.Seen.Count(static seen => seen.Operation == "GetItem"), 0, 1);
    }

    [Fact]
    public async Task A_waiter_sleeps_through_renewals_and_failing_looks_and_is_woken_by_the_end()
    {
        var wire = new Wire();
        var (mine, other) = (TestTable.Store(_time), TestTable.Store(_time, wire));
        var owner = await AcquireAsync(mine);
        var version = (await other.GetAsync(_key, default))!.Version;
        var looks = 0;
        wire.Instead = _ => Interlocked.Increment(ref looks) % 2 == 0 ? Exchange.Refusal("AccessDeniedException", "Not now.") : null;
        var waiting = other.WaitAsync(_key, version, TimeSpan.FromHours(1), default).AsTask();
        while (Volatile.Read(ref looks) < 8 && !waiting.IsCompleted)
        {
            if (Volatile.Read(ref looks) < 2)
            {
                await Task.Yield(); // until the first look is over
            }
            else
            {
                await mine.RenewAsync(_key, owner, s_lease, default);
            }
        }

        Assert.False(waiting.IsCompleted);
        await mine.ReleaseAsync(_key, owner, default);

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task One_of_fifty_claims_by_five_processes_is_granted()
    {
        var stores = Enumerable.Range(0, 5).Select(_ => TestTable.Store(_time)).ToList();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => ClaimAsync(stores[i % 5]))));

        Assert.Single(answers.OfType<Claim.Acquired>());
        Assert.Equal(49, answers.OfType<Claim.Busy>().Count());
    }

    private async Task<Claim> ClaimAsync(DynamoDbStore store, OwnerToken? token = null) =>
        await store.TryClaimAsync(_key, new ClaimRequest(token ?? OwnerToken.New(), s_lease, OnCrash.Retry, default), default);

    private async Task<Ownership> AcquireAsync(DynamoDbStore store)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await ClaimAsync(store, token)).Fence);
    }
}
