using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>Callers who wait for a key of a memory store are woken together, and each is still a caller of its own.</summary>
[Collection(nameof(Unobserved))]
public sealed class ShortWaitTests : IDisposable
{
    private readonly WaitScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Waiters_get_the_first_outcome()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);
        var waiters = Enumerable.Range(0, 5).Select(_ => _scene.CallAsync(guard, WaitScene.Wait)).ToArray();
        await gate.Reached;
        Assert.All(waiters, static waiter => Assert.False(waiter.IsCompleted));

        gate.Open();

        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 1", answer));
        Assert.Same(await owner, await waiters[1]);
    }

    [Fact]
    public async Task A_wait_may_be_awaited_twice()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);
#pragma warning disable CA2012 // that a guarded call may be awaited twice is what this test is about
        var waiter = _scene.StartAsync(guard, WaitScene.Wait, body: null, cart: 1, CancellationToken.None);
#pragma warning restore CA2012

        gate.Open();

        Assert.Same(await waiter.AsTask().WaitAsync(WaitScene.Limit), await waiter);
        await owner;
    }

    [Fact]
    public async Task A_waiter_that_blocks_its_thread_keeps_no_outcome_from_others()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);
        using var isReleased = new ManualResetEventSlim();
        var blocking = BlockAsync(_scene.CallAsync(guard, WaitScene.Wait));
        var waiter = _scene.CallAsync(guard, WaitScene.Wait);

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
        var guard = _scene.NewGuard();
        var (first, second) = (new Gate(), new Gate());
        var owner = _scene.CallAsync(guard, WaitScene.Wait, async () =>
        {
            await first.PassAsync();
            throw new InvalidOperationException();
        });
        var waiters = Enumerable.Range(0, 5).Select(_ => _scene.CallAsync(guard, WaitScene.Wait, second.PassAsync)).ToArray();

        first.Open();
        await Assert.ThrowsAsync<InvalidOperationException>(() => owner);
        await second.Reached;
        second.Open();

        Assert.All(await Task.WhenAll(waiters), static answer => Assert.Equal("run 2", answer));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_at_once_and_others_go_on()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);
        using var impatience = new CancellationTokenSource();
        var impatient = _scene.CallAsync(guard, WaitScene.Wait, cancellationToken: impatience.Token);
        var waiter = _scene.CallAsync(guard, WaitScene.Wait);

        await impatience.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal(impatience.Token, cancelled.CancellationToken);
        Assert.False(waiter.IsCompleted);
        gate.Open();
        Assert.Equal("run 1", await waiter);
        Assert.Equal("run 1", await owner);
    }

    [Fact]
    public async Task Who_waits_for_something_else_under_the_same_key_is_told_so_at_once()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);

        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => _scene.CallAsync(guard, WaitScene.Wait, cart: 2));

        gate.Open();
        await owner;
    }

    [Fact]
    public async Task A_stored_failure_is_what_waiters_get_as_if_they_had_come_later()
    {
        var guard = _scene.NewGuard();
        var operation = new IdempotentOperation<string>("test.wait") { OnDuplicate = OnDuplicate.Wait, OnFailure = OnFailure.Lock };
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, operation, async () =>
        {
            await gate.PassAsync();
            throw new InvalidOperationException("Declined.");
        });
        var waiter = _scene.CallAsync(guard, operation);

        gate.Open();

        await Assert.ThrowsAsync<InvalidOperationException>(() => owner);
        var early = await Assert.ThrowsAnyAsync<IdempotencyException>(() => waiter);
        var late = await Assert.ThrowsAnyAsync<IdempotencyException>(() => _scene.CallAsync(guard, operation));
        Assert.Equal((late.GetType(), late.Message), (early.GetType(), early.Message));
    }

    [Fact]
    public async Task Waiters_of_a_flow_that_is_suppressed_wait_all_the_same()
    {
        var guard = _scene.NewGuard();
        var gate = new Gate();
        var owner = _scene.CallAsync(guard, WaitScene.Wait, gate.PassAsync);
        Task<string> waiter;
        using (ExecutionContext.SuppressFlow())
        {
            waiter = _scene.CallAsync(guard, WaitScene.Wait);
        }

        gate.Open();

        Assert.Equal("run 1", await waiter);
        await owner;
    }
}
