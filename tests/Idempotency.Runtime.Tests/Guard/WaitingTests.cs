using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class WaitingTests
{
    private static readonly IdempotentOperation<int> s_wait = new("test.wait") { OnDuplicate = OnDuplicate.Wait };
    private static readonly IdempotentOperation<int> s_throw = new("test.throw") { OnDuplicate = OnDuplicate.Throw };

    [Fact]
    public async Task A_waiter_is_woken_by_the_store_and_gets_the_first_outcome()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_wait, _ => gate.PassAsync());
        var waiters = Enumerable.Range(0, 5).Select(_ => test.CallAsync(s_wait)).ToArray();

        gate.Open();

        Assert.All(await Task.WhenAll(waiters), answer => Assert.Equal(1, answer));
        Assert.Equal(1, await owner);
        Assert.Equal(TimeSpan.Zero, test.Time.Elapsed); // nobody polled
        Assert.Equal(11, test.Store.Count(StoreOperation.Claim));
    }

    [Fact]
    public async Task When_the_owner_releases_exactly_one_waiter_takes_over_and_the_others_get_its_outcome()
    {
        using var test = new TestGuard();
        var (first, second) = (new Gate(), new Gate());
        var owner = test.CallAsync(s_wait, async _ =>
        {
            await first.PassAsync();
            throw new InvalidOperationException();
        });
        var waiters = Enumerable.Range(0, 5).Select(_ => test.CallAsync(s_wait, _ => second.PassAsync())).ToArray();

        first.Open();
        await Assert.ThrowsAsync<InvalidOperationException>(() => owner);
        await second.Reached;
        second.Open();

        Assert.All(await Task.WhenAll(waiters), answer => Assert.Equal(2, answer));
        Assert.Equal(2, test.Runs);
    }

    [Fact]
    public async Task When_the_owner_dies_exactly_one_waiter_takes_over_at_the_end_of_its_lease()
    {
        using var test = new TestGuard(options => options.DefaultWaitTimeout = TimeSpan.FromHours(1));
        _ = test.CallAsync(s_wait, _ => new TaskCompletionSource().Task);
        var gate = new Gate();
        var waiters = Enumerable.Range(0, 5).Select(_ => test.CallAsync(s_wait, _ => gate.PassAsync())).ToArray();
        test.Store.FailAlways(StoreOperation.Renew);

        test.Time.Advance(TestGuard.Lease + TimeSpan.FromSeconds(2));
        await gate.Reached;
        gate.Open();

        Assert.All(await Task.WhenAll(waiters), answer => Assert.Equal(2, answer));
        Assert.Equal(2, test.Runs);
    }

    [Fact]
    public async Task The_wait_timeout_bounds_a_wait()
    {
        using var test = new TestGuard();
        var patient = new IdempotentOperation<int>("test.wait") { OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromSeconds(12) };
        var gate = new Gate();
        var owner = test.CallAsync(patient, _ => gate.PassAsync());
        var waiter = test.CallAsync(patient);

        test.PassRenewing(TimeSpan.FromSeconds(11));
        Assert.False(waiter.IsCompleted);
        test.PassRenewing(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<OperationInProgressException>(() => waiter);
        gate.Open();
        Assert.Equal(1, await owner);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_at_once()
    {
        using var test = new TestGuard();
        var owner = test.CallAsync(s_wait, _ => new TaskCompletionSource().Task);
        using var impatience = new CancellationTokenSource();
        var waiter = test.CallAsync(s_wait, cancellationToken: impatience.Token);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
        Assert.False(owner.IsCompleted);
    }

    [Fact]
    public async Task The_number_of_waiters_is_limited()
    {
        using var test = new TestGuard(options => options.MaxWaitersPerKey = 2);
        var gate = new Gate();
        var owner = test.CallAsync(s_wait, _ => gate.PassAsync());
        var waiters = new[] { test.CallAsync(s_wait), test.CallAsync(s_wait) };

        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_wait));
        var other = test.CallAsync(s_wait, "another key");
        gate.Open();

        Assert.All(await Task.WhenAll(waiters), answer => Assert.Equal(1, answer));
        Assert.Equal(2, await other);
        Assert.Equal(1, await owner);
    }

    [Fact]
    public async Task A_store_that_wakes_waiters_for_nothing_is_not_asked_in_a_tight_loop()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_wait, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Wait);
        var waiter = test.CallAsync(s_wait);
        test.PassRenewing(TimeSpan.FromSeconds(10));

        Assert.InRange(test.Store.Count(StoreOperation.Claim), 5, 60);
        gate.Open();
        await owner;
        test.PassRenewing(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await waiter);
    }

    [Fact]
    public async Task Throw_refuses_a_duplicate_while_the_first_runs_and_after_it_ended()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_throw, _ => gate.PassAsync());

        await Assert.ThrowsAsync<DuplicateOperationException>(() => test.CallAsync(s_throw));
        gate.Open();
        Assert.Equal(1, await owner);
        await Assert.ThrowsAsync<DuplicateOperationException>(() => test.CallAsync(s_throw));
        Assert.Equal(1, test.Runs);
    }

    [Theory]
    [InlineData(OnDuplicate.Return)]
    [InlineData(OnDuplicate.Wait)]
    [InlineData(OnDuplicate.Throw)]
    public async Task A_nested_call_with_the_same_key_is_refused_at_once(OnDuplicate onDuplicate)
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<int>("test.nested") { OnDuplicate = onDuplicate };

        await Assert.ThrowsAsync<ReentrantOperationException>(() => test.CallAsync(operation, _ => test.CallAsync(operation)));
        await Assert.ThrowsAsync<ReentrantOperationException>(() => test.CallAsync(operation, async _ =>
        {
            await Task.Yield();
            await Task.Run(() => test.CallAsync(operation));
        }));
        var through = new IdempotentOperation<int>("test.through");
        await Assert.ThrowsAsync<ReentrantOperationException>(
            () => test.CallAsync(operation, _ => test.CallAsync(through, _ => test.CallAsync(operation))));

        await test.CallAsync(operation, _ => test.CallAsync(operation, "another key"));
    }

    [Fact]
    public async Task What_a_body_started_and_left_running_may_call_its_key_after_the_body_ended()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        Task<int>? left = null;
        await test.CallAsync(s_wait, _ =>
        {
            left = Task.Run(async () =>
            {
                await gate.PassAsync();
                return await test.CallAsync(s_wait);
            });
            return Task.CompletedTask;
        });
        gate.Open();

        Assert.Equal(1, await left!);
    }
}
