using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>Callers who wait for a key of a memory store are woken together, and each is still a caller of its own.</summary>
public sealed class ShortWaitTests : IDisposable
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private static readonly IdempotentOperation<string> s_wait = new("test.wait") { ResultIsImmutable = true, OnDuplicate = OnDuplicate.Wait };
    private static readonly IdempotentOperation<string> s_brief = Waiting(seconds: 10);
    private static readonly IdempotentOperation<string> s_patient = Waiting(seconds: 100);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store;
    private readonly List<IdempotencyGuard> _guards = [];
    private int _runs;

    public ShortWaitTests()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        _store = new MemoryStore(timeProvider: _time);
    }

    public void Dispose() => _guards.ForEach(static guard => guard.Dispose());

    [Fact]
    public async Task Waiters_get_the_first_outcome_and_may_be_awaited_twice()
    {
        var guard = NewGuard();
        var gate = new Gate();
        var owner = CallAsync(guard, s_wait, gate.PassAsync);
        var waiters = Enumerable.Range(0, 5).Select(_ => CallAsync(guard, s_wait)).ToArray();
        await gate.Reached;
        Assert.All(waiters, static waiter => Assert.False(waiter.IsCompleted));

        gate.Open();

        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 1", answer));
        Assert.Same(await waiters[0], await waiters[0]);
        Assert.Same(await owner, await waiters[1]);
    }

    [Fact]
    public async Task A_waiter_that_blocks_its_thread_keeps_no_outcome_from_others()
    {
        var guard = NewGuard();
        var gate = new Gate();
        var owner = CallAsync(guard, s_wait, gate.PassAsync);
        using var isReleased = new ManualResetEventSlim();
        var blocking = BlockAsync(CallAsync(guard, s_wait));
        var waiter = CallAsync(guard, s_wait);

        gate.Open();

        Assert.Equal("run 1", await waiter);
        Assert.Equal("run 1", await owner);
        isReleased.Set();
        await blocking;

        async Task BlockAsync(Task waiting)
        {
            await waiting.ConfigureAwait(false);
            isReleased.Wait();
        }
    }

    [Fact]
    public async Task When_the_owner_fails_exactly_one_waiter_takes_over_and_the_others_get_its_outcome()
    {
        var guard = NewGuard();
        var (first, second) = (new Gate(), new Gate());
        var owner = CallAsync(guard, s_wait, async () =>
        {
            await first.PassAsync();
            throw new InvalidOperationException();
        });
        var waiters = Enumerable.Range(0, 5).Select(_ => CallAsync(guard, s_wait, second.PassAsync)).ToArray();

        first.Open();
        await Assert.ThrowsAsync<InvalidOperationException>(() => owner);
        await second.Reached;
        second.Open();

        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 2", answer));
    }

    [Fact]
    public async Task When_the_owner_dies_exactly_one_waiter_takes_over_at_the_end_of_its_lease()
    {
        var dying = NewGuard();
        var guard = NewGuard();
        _ = CallAsync(dying, s_patient, static () => new TaskCompletionSource().Task);
        var gate = new Gate();
        var waiters = Enumerable.Range(0, 5).Select(_ => CallAsync(guard, s_patient, gate.PassAsync)).ToArray();
        dying.Dispose();

        _time.Advance(s_lease);
        await gate.Reached;
        gate.Open();

        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 2", answer));
    }

    [Fact]
    public async Task A_lease_that_is_renewed_keeps_waiters_waiting()
    {
        var guard = NewGuard();
        var gate = new Gate();
        var owner = CallAsync(guard, s_patient, gate.PassAsync);
        await gate.Reached;
        var waiter = CallAsync(guard, s_patient);

        PassRenewing(TimeSpan.FromSeconds(99));
        Assert.False(waiter.IsCompleted);
        gate.Open();

        Assert.Equal("run 1", await waiter);
        Assert.Equal("run 1", await owner);
    }

    [Fact]
    public async Task Each_waits_as_long_as_it_was_told_to_however_long_others_do()
    {
        var guard = NewGuard();
        var gate = new Gate();
        var owner = CallAsync(guard, s_patient, gate.PassAsync);
        await gate.Reached;
        var patient = CallAsync(guard, s_patient);
        var brief = CallAsync(guard, s_brief);
        _time.Advance(TimeSpan.FromSeconds(4));
        var later = CallAsync(guard, s_brief);
        var laterYet = CallAsync(guard, s_patient);

        _time.Advance(TimeSpan.FromSeconds(5.999));
        Assert.False(brief.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        await Assert.ThrowsAsync<OperationInProgressException>(() => brief);
        Assert.False(later.IsCompleted);
        PassRenewing(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<OperationInProgressException>(() => later);
        var last = CallAsync(guard, s_brief);

        Assert.False(patient.IsCompleted);
        gate.Open();
        Assert.All(await Task.WhenAll(patient, laterYet, last, owner), static answer => Assert.Equal("run 1", answer));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_at_once_and_others_go_on()
    {
        var guard = NewGuard();
        var gate = new Gate();
        var owner = CallAsync(guard, s_wait, gate.PassAsync);
        using var impatience = new CancellationTokenSource();
        var impatient = CallAsync(guard, s_wait, cancellationToken: impatience.Token);
        var waiter = CallAsync(guard, s_wait);

        await impatience.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal(impatience.Token, cancelled.CancellationToken);
        Assert.False(waiter.IsCompleted);
        gate.Open();
        Assert.Equal("run 1", await waiter);
        Assert.Equal("run 1", await owner);
    }

    [Fact]
    public async Task The_number_of_waiters_is_limited_and_who_leaves_makes_room()
    {
        var guard = NewGuard(static options => options.MaxWaitersPerKey = 2);
        var gate = new Gate();
        var owner = CallAsync(guard, s_patient, gate.PassAsync);
        await gate.Reached;
        using var impatience = new CancellationTokenSource();
        var waiters = new[] { CallAsync(guard, s_patient, cancellationToken: impatience.Token), CallAsync(guard, s_brief) };

        await Assert.ThrowsAsync<OperationInProgressException>(() => CallAsync(guard, s_patient));
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiters[0]);
        var next = CallAsync(guard, s_patient);
        await Assert.ThrowsAsync<OperationInProgressException>(() => CallAsync(guard, s_patient));
        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<OperationInProgressException>(() => waiters[1]);
        var last = CallAsync(guard, s_brief);
        await Assert.ThrowsAsync<OperationInProgressException>(() => CallAsync(guard, s_patient));

        gate.Open();
        Assert.All(await Task.WhenAll(next, last, owner), static answer => Assert.Equal("run 1", answer));
    }

    [Fact]
    public async Task Who_waits_for_something_else_under_the_same_key_is_told_so_at_once()
    {
        var guard = NewGuard();
        var gate = new Gate();
        var owner = CallAsync(guard, s_wait, gate.PassAsync);

        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => CallAsync(guard, s_wait, cart: 2));

        gate.Open();
        await owner;
    }

    [Fact]
    public async Task A_stored_failure_is_what_waiters_get_as_if_they_had_come_later()
    {
        var guard = NewGuard();
        var operation = new IdempotentOperation<string>("test.wait") { OnDuplicate = OnDuplicate.Wait, OnFailure = OnFailure.Lock };
        var gate = new Gate();
        var owner = CallAsync(guard, operation, async () =>
        {
            await gate.PassAsync();
            throw new InvalidOperationException("Declined.");
        });
        var waiter = CallAsync(guard, operation);

        gate.Open();

        await Assert.ThrowsAsync<InvalidOperationException>(() => owner);
        var early = await Assert.ThrowsAnyAsync<IdempotencyException>(() => waiter);
        var late = await Assert.ThrowsAnyAsync<IdempotencyException>(() => CallAsync(guard, operation));
        Assert.Equal((late.GetType(), late.Message), (early.GetType(), early.Message));
    }

    [Fact]
    public async Task A_waiter_of_a_guard_with_another_clock_than_its_store_stops_by_the_guards()
    {
        var time = new FakeTimeProvider();
        var guard = NewGuard(time: time);
        _ = CallAsync(guard, s_brief, static () => new TaskCompletionSource().Task);
        var waiter = CallAsync(guard, s_brief);

        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<IdempotencyException>(() => waiter);
    }

    [Fact]
    public async Task A_timer_that_cannot_be_had_hangs_nobody()
    {
        var clock = new ClockWithoutTimers(_time);
        var guard = NewGuard(time: clock, store: new MemoryStore(timeProvider: clock));
        var gate = new Gate();
        var owner = CallAsync(guard, s_wait, gate.PassAsync);
        await gate.Reached;
        clock.Refusals = 1;
        var waiters = Enumerable.Range(0, 3).Select(_ => CallAsync(guard, s_brief)).ToArray();
        Assert.True(clock.Refusals <= 0);

        gate.Open();

        await owner;
        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 1", answer));
    }

    private static IdempotentOperation<string> Waiting(int seconds) =>
        new("test.wait") { ResultIsImmutable = true, OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromSeconds(seconds) };

    private IdempotencyGuard NewGuard(Action<IdempotencyOptions>? configure = null, TimeProvider? time = null, MemoryStore? store = null)
    {
        var options = new IdempotencyOptions { DefaultLease = s_lease };
        configure?.Invoke(options);
        var guard = IdempotencyGuard.Create(store ?? _store, options, time ?? _time);
        _guards.Add(guard);
        return guard;
    }

    private Task<string> CallAsync(
        IdempotencyGuard guard, IdempotentOperation<string> operation, Func<Task>? body = null, int cart = 1, CancellationToken cancellationToken = default)
    {
        var key = new KeyWriter(operation.KeyHeader, stackalloc byte[256]);
        key.Add("key");
        key.BeginFingerprint();
        key.Add(cart);
        return guard.RunAsync(
            operation,
            ref key,
            body,
            async (body, _) =>
            {
                var run = Interlocked.Increment(ref _runs);
                await (body?.Invoke() ?? Task.CompletedTask);
                return $"run {run}";
            },
            cancellationToken).AsTask();
    }

    private void PassRenewing(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>As a process has that lacks the memory for another timer.</summary>
    private sealed class ClockWithoutTimers(FakeTimeProvider time) : TimeProvider
    {
        public int Refusals { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Refusals-- > 0 ? throw new InvalidOperationException("No timer can be had.") : time.CreateTimer(callback, state, dueTime, period);
    }
}
