using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>The memory store keeps the contract, and what it adds to it: objects kept as they are, and answers without waiting.</summary>
public sealed class MemoryStoreTests : StoreContract
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store;

    public MemoryStoreTests() => _store = new MemoryStore(timeProvider: _time);

    protected override IIdempotencyStore Store => _store;

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    protected override Task JumpWallClockAsync(TimeSpan by)
    {
        _time.JumpWallClock(by);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(Situation.Absent, null)]
    [InlineData(Situation.Expired, null)]
    [InlineData(Situation.InProgress, null)]
    [InlineData(Situation.LeaseOver, null)]
    [InlineData(Situation.InDoubt, null)]
    [InlineData(Situation.Released, null)]
    [InlineData(Situation.Completed, "first")]
    [InlineData(Situation.Failed, "first")]
    public async Task A_peek_answers_only_what_has_ended(Situation situation, string? expected)
    {
        var scene = await GivenAsync(situation);

        var answer = _store.TryPeek(scene.Key.Canonical, default);

        Assert.Equal(expected, answer is null ? null : TextOf(Assert.IsType<Claim.Finished>(answer).Outcome));
    }

    [Fact]
    public async Task A_peek_compares_fingerprints()
    {
        var key = NewKey();
        await CompleteAsync(key, await AcquireAsync(key, fingerprint: TestKeys.Fingerprint("cart 1")));

        Assert.IsType<Claim.Finished>(_store.TryPeek(key.Canonical, TestKeys.Fingerprint("cart 1").Span));
        Assert.Same(Claim.Mismatch, _store.TryPeek(key.Canonical, TestKeys.Fingerprint("cart 2").Span));
        Assert.Same(Claim.Mismatch, _store.TryPeek(key.Canonical, default));
    }

    [Fact]
    public async Task Renewing_and_repeating_a_completion_allocate_nothing()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var done = await GivenAsync(Situation.Completed);
        var outcome = Outcome("first");
        var before = 0L;
        for (var i = 0; i < 1000; i++)
        {
            before = i == 1 ? GC.GetAllocatedBytesForCurrentThread() : before; // the first round is the warm-up
            await _store.RenewAsync(scene.Key, scene.Owner, Lease, CancellationToken.None);
            await _store.CompleteAsync(done.Key, done.Owner, outcome, Retention, CancellationToken.None);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task A_result_that_never_changes_is_kept_as_the_object_it_is()
    {
        var result = new object();
        var scene = await GivenAsync(Situation.InProgress);
        await CompleteAsync(scene.Key, scene.Owner, StoredOutcome.OfValue(result));

        var finished = Assert.IsType<Claim.Finished>(await ClaimAsync(scene.Key));

        Assert.True(_store.KeepsObjects);
        Assert.Same(result, finished.Outcome.Value);
    }

    [Fact]
    public async Task A_key_from_outside_cannot_be_claimed_because_its_bytes_are_unknown()
    {
        var outside = IdempotencyKey.FromText("tests.charge", new string('0', 64));

        var claim = await Assert.ThrowsAsync<ArgumentException>(() => ClaimAsync(outside));
        var abandon = await Assert.ThrowsAsync<ArgumentException>(() => AbandonAsync(outside, OwnerToken.New()));

        Assert.Contains("FromText", claim.Message, StringComparison.Ordinal);
        Assert.Contains("FromText", abandon.Message, StringComparison.Ordinal);
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public async Task No_more_than_eight_ended_tokens_are_kept()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var ended = Enumerable.Range(0, 9).Select(_ => OwnerToken.New()).ToList();
        foreach (var token in ended)
        {
            await AbandonAsync(scene.Key, token);
        }

        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key, ended[0]));
    }

    [Fact]
    public async Task Fences_keep_growing_when_the_process_starts_again()
    {
        var first = await AcquireAsync(NewKey());
        _time.Advance(TimeSpan.FromSeconds(1));
        var restarted = new MemoryStore(timeProvider: _time);

        var claim = await restarted.TryClaimAsync(
            NewKey(), new ClaimRequest(OwnerToken.New(), Lease, OnCrash.Retry, default), CancellationToken.None);

        Assert.True(Assert.IsType<Claim.Acquired>(claim).Fence > first.Fence);
    }
}
