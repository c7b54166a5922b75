using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing.Tests;

public sealed class FaultInjectingStoreTests
{
    private static readonly IdempotencyKey s_key = IdempotencyKey.FromCanonical("tests.charge", "key"u8);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _memory;
    private readonly FaultInjectingStore _store;
    private readonly OwnerToken _token = OwnerToken.New();

    public FaultInjectingStoreTests()
    {
        _memory = new MemoryStore(timeProvider: _time);
        _store = new FaultInjectingStore(_memory, _time);
    }

    [Fact]
    public async Task Without_a_fault_every_call_goes_through_and_is_noted()
    {
        var owner = await AcquireAsync();
        await _store.RenewAsync(s_key, owner, TimeSpan.FromSeconds(1), default);
        await _store.WaitAsync(s_key, 0, TimeSpan.Zero, default);
        await _store.ReleaseAsync(s_key, owner, default);
        await _store.AbandonAsync(s_key, OwnerToken.New(), default);
        await AcquireAsync(OwnerToken.New());
        await _store.ResolveAsync(s_key, 0, null, TimeSpan.Zero, default);
        await _store.GetAsync(s_key, default);
        await _store.CompleteAsync(s_key, owner, Outcome(), TimeSpan.Zero, default);
        await _store.PurgeAsync(1, default);

        Assert.Equal(
            [
                StoreOperation.Claim, StoreOperation.Renew, StoreOperation.Wait, StoreOperation.Release, StoreOperation.Abandon, StoreOperation.Claim,
                StoreOperation.Resolve, StoreOperation.Get, StoreOperation.Complete, StoreOperation.Purge,
            ],
            _store.Calls.Select(static call => call.Operation));
        Assert.Equal(Enumerable.Range(1, 10), _store.Calls.Select(static call => call.Number));
        Assert.Equal(2, _store.Calls[5].OperationNumber);
        Assert.Equal((s_key, _token), (_store.Calls[0].Key, _store.Calls[0].Token));
        Assert.Equal(2, _store.Count(StoreOperation.Claim));
    }

    [Fact]
    public async Task A_refused_call_throws_and_does_not_arrive()
    {
        _store.FailAt(StoreOperation.Claim, 1, StoreFault.Refused);

        var refusal = await Assert.ThrowsAsync<IOException>(() => ClaimAsync());

        Assert.Contains("call 1 of the store, Claim number 1", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await _memory.GetAsync(s_key, default));
        Assert.IsType<Claim.Acquired>(await ClaimAsync());
    }

    [Fact]
    public async Task A_call_whose_answer_is_lost_throws_what_it_is_told_and_is_applied()
    {
        _store.Failure = static _ => new TimeoutException();
        _store.FailAt(1, StoreFault.AnswerLost);

        await Assert.ThrowsAsync<TimeoutException>(() => ClaimAsync());

        Assert.NotNull(await _memory.GetAsync(s_key, default));
    }

    [Fact]
    public async Task A_delayed_call_arrives_later_or_is_cancelled_on_its_way()
    {
        _store.FailAlways(StoreOperation.Claim, StoreFault.Delayed);
        using var impatience = new CancellationTokenSource();
        var cancelled = ClaimAsync(OwnerToken.New(), impatience.Token);
        var delayed = ClaimAsync();
        await impatience.CancelAsync();

        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.False(delayed.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.IsType<Claim.Acquired>(await delayed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Theory]
    [InlineData(StoreFault.Vanished, false)]
    [InlineData(StoreFault.Silent, true)]
    public async Task A_call_that_hangs_is_never_heard_of_whether_or_not_it_arrived(StoreFault fault, bool arrives)
    {
        _store.FailAlways(StoreOperation.Claim, fault);
        using var impatience = new CancellationTokenSource();
        var hanging = ClaimAsync(_token, impatience.Token);

        await impatience.CancelAsync();
        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(hanging.IsCompleted);
        Assert.Equal(arrives, await _memory.GetAsync(s_key, default) is not null);
    }

    [Fact]
    public async Task A_copy_arrives_at_once_or_after_the_delay_and_nobody_hears_of_it()
    {
        var owner = await AcquireAsync();
        _store.FailAlways(StoreOperation.Release, StoreFault.Duplicated);
        Assert.Equal(OwnerAnswer.Accepted, await _store.ReleaseAsync(s_key, owner, default));

        _store.FailAlways(StoreOperation.Claim, StoreFault.Duplicated);
        var second = await AcquireAsync(OwnerToken.New());
        await _memory.CompleteAsync(s_key, second, Outcome(), TimeSpan.FromMilliseconds(500), default); // the copy arrives in the key's next life
        _time.Advance(TimeSpan.FromSeconds(1));

        var revived = await _memory.GetAsync(s_key, default);
        Assert.Equal((RecordState.InProgress, 1), (revived!.State, revived.Attempt));
        Assert.True(revived.Fence > second.Fence);
    }

    [Fact]
    public async Task A_fault_hits_the_call_it_is_meant_for_and_no_other_and_can_be_healed()
    {
        _store.FailAt(StoreOperation.Claim, 2, StoreFault.Refused);
        await ClaimAsync();
        await _store.GetAsync(s_key, default);
        await Assert.ThrowsAsync<IOException>(() => ClaimAsync());
        await ClaimAsync();

        _store.Plan = static call => call.Key == s_key ? StoreFault.Refused : StoreFault.None;
        await Assert.ThrowsAsync<IOException>(() => ClaimAsync());
        await _store.PurgeAsync(1, default);
        _store.Heal();
        await ClaimAsync();
    }

    [Fact]
    public async Task A_test_acts_between_two_steps_and_changes_what_a_claim_answers()
    {
        var before = new List<StoreCall>();
        _store.Before = before.Add;
        _store.Answer = static _ => new Claim.Unreadable("it is from tomorrow");

        Assert.IsType<Claim.Unreadable>(await ClaimAsync());

        Assert.Equal(_store.Calls, before);
        Assert.Null(_store.TryPeek(s_key.Canonical, default));
    }

    [Fact]
    public async Task Outcomes_are_peeked_at_where_the_store_keeps_objects()
    {
        await _store.CompleteAsync(s_key, await AcquireAsync(), Outcome(), TimeSpan.FromHours(1), default);

        Assert.True(_store.KeepsObjects);
        Assert.IsType<Claim.Finished>(_store.TryPeek(s_key.Canonical, default));
        Assert.Null(new FaultInjectingStore(_memory) { KeepsObjects = false }.TryPeek(s_key.Canonical, default));
    }

    private static StoredOutcome Outcome() => new(isFailure: false, new byte[] { 1 });

    private async Task<Ownership> AcquireAsync(OwnerToken? token = null) =>
        new(token ?? _token, Assert.IsType<Claim.Acquired>(await ClaimAsync(token)).Fence);

    private async Task<Claim> ClaimAsync(OwnerToken? token = null, CancellationToken cancellationToken = default) => await _store.TryClaimAsync(
        s_key, new ClaimRequest(token ?? _token, TimeSpan.FromSeconds(30), OnCrash.Retry, default), cancellationToken);
}
