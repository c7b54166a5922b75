using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class OwnershipTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.operation");

    [Fact]
    public async Task A_stale_completion_changes_nothing_and_is_reported_to_its_caller()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var zombie = test.CallAsync(s_operation, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease * 2);

        Assert.Equal(2, await test.CallAsync(s_operation));
        gate.Open();

        var lost = await Assert.ThrowsAsync<LeaseLostException>(() => zombie);
        Assert.Equal(1, lost.Result);
        Assert.Equal(2, await test.CallAsync(s_operation));
    }

    [Fact]
    public async Task A_stale_failure_does_not_free_its_successors_key()
    {
        using var test = new TestGuard();
        var (first, second) = (new Gate(), new Gate());
        var zombie = test.CallAsync(s_operation, async _ =>
        {
            await first.PassAsync();
            throw new InvalidOperationException("too late");
        });
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease * 2);
        var successor = test.CallAsync(s_operation, _ => second.PassAsync());
        first.Open();

        await Assert.ThrowsAsync<InvalidOperationException>(() => zombie);
        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        second.Open();
        Assert.Equal(2, await successor);
    }

    [Fact]
    public async Task A_refused_duplicate_leaves_the_owners_claim_alone()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_operation, _ => gate.PassAsync());

        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        gate.Open();

        Assert.Equal(1, await owner);
        Assert.Equal(1, await test.CallAsync(s_operation));
        Assert.Equal(0, test.Store.Count(StoreOperation.Release));
        Assert.Equal(0, test.Store.Count(StoreOperation.Abandon));
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_the_owners_claim_alone()
    {
        using var test = new TestGuard();
        var waiting = new IdempotentOperation<int>("test.operation") { OnDuplicate = OnDuplicate.Wait };
        var gate = new Gate();
        var owner = test.CallAsync(waiting, _ => gate.PassAsync());
        using var impatience = new CancellationTokenSource();
        var waiter = test.CallAsync(waiting, cancellationToken: impatience.Token);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
        gate.Open();

        Assert.Equal(1, await owner);
        Assert.Equal(1, await test.CallAsync(waiting));
    }

    [Fact]
    public async Task A_body_that_outlasts_its_lease_keeps_its_key_because_it_is_renewed_at_a_third()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_operation, _ => gate.PassAsync());

        test.Time.Advance(TestGuard.Lease / 3);
        Assert.Equal(1, test.Store.Count(StoreOperation.Renew));
        test.PassRenewing(TestGuard.Lease * 5);

        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        gate.Open();
        Assert.Equal(1, await owner);
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_lease_is_renewed_while_the_outcome_is_being_stored()
    {
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Complete);
        var owner = test.CallAsync(s_operation);

        test.PassRenewing(TestGuard.Lease * 1.5);

        Assert.True(test.Store.Count(StoreOperation.Renew) >= 4);
        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        test.Store.Heal();
        test.PassRenewing(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await owner);
    }

    [Theory]
    [InlineData(StoreFault.Refused)]
    [InlineData(StoreFault.AnswerLost)]
    [InlineData(StoreFault.Silent)]
    [InlineData(StoreFault.Vanished)]
    internal async Task One_failed_renewal_is_not_a_lost_lease(StoreFault fault)
    {
        using var test = new TestGuard();
        test.Store.FailAt(StoreOperation.Renew, 1, fault);
        var gate = new Gate();
        var lost = CancellationToken.None;
        var owner = test.CallAsync(s_operation, context =>
        {
            lost = context.LeaseLost;
            return gate.PassAsync();
        });

        test.PassRenewing(TestGuard.Lease * 2);

        Assert.False(lost.IsCancellationRequested);
        gate.Open();
        Assert.Equal(1, await owner);
    }

    [Fact]
    public async Task A_body_whose_lease_could_not_be_renewed_in_time_is_told_and_its_outcome_is_stored_if_nobody_took_over()
    {
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Renew, StoreFault.Vanished);
        var gate = new Gate();
        var (lost, token) = (CancellationToken.None, CancellationToken.None);
        var owner = test.CallAsync(s_operation, context =>
        {
            (lost, token) = (context.LeaseLost, context.CancellationToken);
            return gate.PassAsync();
        });

        test.PassRenewing(TestGuard.Lease * 0.85);
        Assert.False(lost.IsCancellationRequested);
        test.PassRenewing(TestGuard.Lease * 0.1);
        Assert.True(lost.IsCancellationRequested);
        Assert.True(token.IsCancellationRequested);
        gate.Open();

        Assert.Equal(1, await owner);
        Assert.Equal(1, await test.CallAsync(s_operation));
    }

    [Fact]
    public async Task A_taken_lease_is_told_to_the_body_and_a_body_that_stops_for_it_reports_it()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var zombie = test.CallAsync(s_operation, async context =>
        {
            await gate.PassAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        });
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease * 2);
        Assert.Equal(2, await test.CallAsync(s_operation));
        gate.Open();

        var reported = await Assert.ThrowsAsync<LeaseLostException>(() => zombie);
        Assert.IsType<TaskCanceledException>(reported.InnerException);
    }

    [Fact]
    public async Task A_lost_lease_gives_the_winners_outcome_by_option()
    {
        using var test = new TestGuard(options => options.OnLeaseLost = OnLeaseLost.ReturnStored);
        var gate = new Gate();
        var zombie = test.CallAsync(s_operation, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease * 2);
        Assert.Equal(2, await test.CallAsync(s_operation));
        gate.Open();

        Assert.Equal(2, await zombie);
    }

    [Fact]
    public async Task A_winners_outcome_that_cannot_be_read_does_not_cost_the_loser_its_own()
    {
        using var test = new TestGuard(options => options.OnLeaseLost = OnLeaseLost.ReturnStored);
        var gate = new Gate();
        var zombie = test.CallAsync(s_operation, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease * 2);
        var other = new IdempotentOperation<string>("test.operation");
        await test.Guard.RunAsync(other, "key", _ => Task.FromResult("of another version"));
        gate.Open();

        var lost = await Assert.ThrowsAsync<LeaseLostException>(() => zombie);
        Assert.Equal(1, lost.Result);
        Assert.IsType<UnreadableRecordException>(lost.InnerException);
    }

    [Fact]
    public async Task A_lease_that_could_not_be_ended_is_ended_when_the_store_answers_again()
    {
        using var test = new TestGuard();
        var hold = new IdempotentOperation<int>("test.hold") { OnCrash = OnCrash.Hold };
        test.Store.FailAlways(StoreOperation.Renew);
        await Assert.ThrowsAsync<TimeoutException>(() => test.CallAsync(hold, static _ => throw new TimeoutException()));
        test.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(hold));

        test.Store.Heal();
        test.Time.Advance(TimeSpan.FromSeconds(2));

        // Not by itself, at the end of the lease: in a store of files there is none while the process lives.
        await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(hold));
    }

    [Fact]
    public async Task A_body_that_obeys_the_execution_limit_is_reported_as_stopped_for_it()
    {
        using var test = new TestGuard(options => options.ExecutionLimit = TimeSpan.FromMinutes(5));
        var stopped = test.CallAsync(s_operation, context => Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken));
        test.PassRenewing(TimeSpan.FromMinutes(5));

        Assert.Contains("asked to stop after 00:05:00, the ExecutionLimit", (await Assert.ThrowsAsync<LeaseLostException>(() => stopped)).Message, StringComparison.Ordinal);
        Assert.Equal(2, await test.CallAsync(s_operation));
    }

    [Fact]
    public async Task A_disposed_guard_refuses_calls_because_nothing_would_renew_their_leases()
    {
        using var test = new TestGuard();
        test.Guard.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.CallAsync(s_operation));
        Assert.Empty(test.Store.Calls);
    }

    [Fact]
    public async Task Lease_and_retention_are_different_things()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        _ = test.CallAsync(s_operation, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Renew);

        test.Time.Advance(TestGuard.Lease + TimeSpan.FromSeconds(1));
        Assert.Equal(2, await test.CallAsync(s_operation)); // a crash blocks for a lease, not for a retention
        test.Time.Advance(TestGuard.Ttl - TimeSpan.FromSeconds(1));
        Assert.Equal(2, await test.CallAsync(s_operation)); // counted from completion
        test.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, await test.CallAsync(s_operation));
    }

    [Fact]
    public async Task A_hung_body_does_not_hold_its_key_for_ever()
    {
        using var test = new TestGuard(options => options.ExecutionLimit = TimeSpan.FromMinutes(5));
        var gate = new Gate();
        var token = CancellationToken.None;
        var hung = test.CallAsync(s_operation, context =>
        {
            token = context.CancellationToken;
            return gate.PassAsync();
        });

        test.PassRenewing(TimeSpan.FromMinutes(5));
        Assert.True(token.IsCancellationRequested);
        test.PassRenewing(TestGuard.Lease + TimeSpan.FromSeconds(1));

        Assert.Equal(2, await test.CallAsync(s_operation));
        gate.Open();
        await Assert.ThrowsAsync<LeaseLostException>(() => hung);
    }

    [Fact]
    public async Task Every_attempt_of_a_key_has_a_higher_fence_and_the_same_key()
    {
        using var test = new TestGuard();
        var seen = new List<(string Key, long Fence, int Attempt)>();
        Task Fail(IdempotencyContext context)
        {
            seen.Add((context.Key, context.Fence, context.Attempt));
            throw new InvalidOperationException();
        }

        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => test.CallAsync(s_operation, Fail));
        }

        test.Time.Advance(TimeSpan.FromDays(1)); // the record itself is gone
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.CallAsync(s_operation, Fail));

        Assert.Equal([1, 2, 3, 1], seen.Select(attempt => attempt.Attempt));
        Assert.Equal(seen.Select(attempt => attempt.Fence).Order(), seen.Select(attempt => attempt.Fence));
        Assert.Single(seen.Select(attempt => attempt.Key).Distinct());
    }

    [Fact]
    public async Task A_token_belongs_to_one_call_and_is_made_before_its_first_claim()
    {
        using var test = new TestGuard();
        test.Store.Plan = static call => call is { Operation: StoreOperation.Claim, OperationNumber: <= 2 } ? StoreFault.Refused : StoreFault.None;
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TimeSpan.FromSeconds(5));
        await call;
        await test.CallAsync(s_operation, "other");

        var tokens = test.ClaimingTokens;
        Assert.Equal(4, tokens.Count);
        Assert.Equal(2, tokens.Distinct().Count());
        Assert.Single(tokens.Take(3).Distinct());
    }
}
