using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>How long callers wait for a key of a memory store, who are woken together.</summary>
[Collection(nameof(Unobserved))]
public sealed class ShortWaitTimeTests : IDisposable
{
    private readonly WaitScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task When_the_owner_dies_exactly_one_waiter_takes_over_at_the_end_of_its_lease()
    {
        var guard = _scene.NewGuard();
        _ = _scene.CallAsync(guard, WaitScene.Patient, static () => new TaskCompletionSource().Task);
        var gate = new Gate();
        var waiters = Enumerable.Range(0, 5).Select(_ => _scene.CallAsync(guard, WaitScene.Patient, gate.PassAsync)).ToArray();
        guard.Dispose(); // from now on nobody renews, as nobody does for a process that has died

        _scene.Time.Advance(WaitScene.Lease);
        await gate.Reached.WaitAsync(WaitScene.Limit);
        gate.Open();

        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 2", answer));
    }

    [Fact]
    public async Task A_lease_that_is_renewed_keeps_waiters_waiting()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Patient, gate.PassAsync);
        await gate.Reached;
        var waiter = _scene.CallAsync(guard, WaitScene.Patient);

        _scene.PassRenewing(TimeSpan.FromSeconds(99));
        Assert.False(waiter.IsCompleted);
        gate.Open();

        Assert.Equal("run 1", await waiter);
        Assert.Equal("run 1", await owner);
    }

    [Fact]
    public async Task Each_waits_as_long_as_it_was_told_to_however_long_others_do()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Patient, gate.PassAsync);
        await gate.Reached;
        var patient = _scene.CallAsync(guard, WaitScene.Patient);
        var brief = _scene.CallAsync(guard, WaitScene.Brief);
        _scene.Time.Advance(TimeSpan.FromSeconds(4));
        var later = _scene.CallAsync(guard, WaitScene.Brief);
        var laterYet = _scene.CallAsync(guard, WaitScene.Patient);

        _scene.Time.Advance(TimeSpan.FromSeconds(5.999));
        Assert.False(brief.IsCompleted);
        _scene.Time.Advance(TimeSpan.FromSeconds(0.001));
        await Assert.ThrowsAsync<OperationInProgressException>(() => brief);
        await _scene.UntilAsync(timers: 1 + 1 + 2 + 2); // the lease's, that of the patient one, and those of the others who were woken and now wait for themselves
        Assert.False(later.IsCompleted);
        _scene.PassRenewing(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<OperationInProgressException>(() => later);
        var last = _scene.CallAsync(guard, WaitScene.Brief);

        Assert.False(patient.IsCompleted);
        gate.Open();
        Assert.All(await Task.WhenAll(patient, laterYet, last, owner), static answer => Assert.Equal("run 1", answer));
    }

    [Fact]
    public async Task The_number_of_waiters_is_limited_and_who_leaves_makes_room()
    {
        var guard = _scene.NewGuard(static options => options.MaxWaitersPerKey = 2);
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Patient, gate.PassAsync);
        await gate.Reached;
        using var impatience = new CancellationTokenSource();
        var waiters = new[] { _scene.CallAsync(guard, WaitScene.Patient, cancellationToken: impatience.Token), _scene.CallAsync(guard, WaitScene.Brief) };

        await Assert.ThrowsAsync<OperationInProgressException>(() => _scene.CallAsync(guard, WaitScene.Patient));
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiters[0]);
        var next = _scene.CallAsync(guard, WaitScene.Patient);
        await Assert.ThrowsAsync<OperationInProgressException>(() => _scene.CallAsync(guard, WaitScene.Patient));
        _scene.Time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<OperationInProgressException>(() => waiters[1]);
        await _scene.UntilAsync(timers: 1 + 1 + 2); // the lease's, that of the cancelled caller's group, and those of the one who was woken and now waits for itself
        var last = _scene.CallAsync(guard, WaitScene.Brief);
        await Assert.ThrowsAsync<OperationInProgressException>(() => _scene.CallAsync(guard, WaitScene.Patient));

        gate.Open();
        Assert.All(await Task.WhenAll(next, last, owner), static answer => Assert.Equal("run 1", answer));
    }

    [Fact]
    public async Task A_waiter_of_a_guard_with_another_clock_than_its_store_stops_by_the_guards()
    {
        var time = new FakeTimeProvider();
        var guard = _scene.NewGuard(time: time);
        _ = _scene.CallAsync(guard, WaitScene.Brief, static () => new TaskCompletionSource().Task);
        var waiter = _scene.CallAsync(guard, WaitScene.Brief);

        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<IdempotencyException>(() => waiter);
    }

    [Fact]
    public async Task A_timer_that_cannot_be_had_hangs_nobody()
    {
        var clock = new WaitScene.BrokenClock(_scene.Time);
        var guard = _scene.NewGuard(time: clock, store: new MemoryStore(timeProvider: clock));
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);
        await gate.Reached;
        clock.Refusals = 1;
        var waiters = Enumerable.Range(0, 3).Select(_ => _scene.CallAsync(guard, WaitScene.Brief)).ToArray();
        Assert.True(clock.Refusals <= 0);

        gate.Open();

        await owner;
        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 1", answer));
    }

    [Fact]
    public async Task Brief_waiters_that_come_and_go_leave_the_patient_ones_together()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Patient, gate.PassAsync);
        await gate.Reached;
        var patient = new List<Task<string>> { _scene.CallAsync(guard, WaitScene.Patient) };
        var timers = _scene.Time.ActiveTimers;
        for (var i = 0; i < 5; i++)
        {
            var brief = _scene.CallAsync(guard, WaitScene.Brief);
            _scene.Time.Advance(TimeSpan.FromSeconds(10));
            await Assert.ThrowsAsync<OperationInProgressException>(() => brief);
            patient.Add(_scene.CallAsync(guard, WaitScene.Patient));
        }

        Assert.Equal(timers, _scene.Time.ActiveTimers);
        gate.Open();
        Assert.All(await Task.WhenAll(patient), static answer => Assert.Equal("run 1", answer));
        await owner;
    }

    [Fact]
    public async Task A_clock_that_fails_while_it_looks_hangs_nobody()
    {
        var clock = new WaitScene.BrokenClock(_scene.Time);
        var guard = _scene.NewGuard(time: clock, store: new MemoryStore(timeProvider: clock));
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Patient, gate.PassAsync);
        await gate.Reached;
        var waiter = _scene.CallAsync(guard, WaitScene.Waiting(seconds: 5));

        clock.Failures = 1;
        _scene.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(clock.Failures <= 0);

        await Assert.ThrowsAsync<OperationInProgressException>(() => waiter);
        gate.Open();
        Assert.Equal("run 1", await owner);
    }
}
