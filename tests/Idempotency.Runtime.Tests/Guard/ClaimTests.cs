using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class ClaimTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.operation");
    private static readonly IdempotentOperation<int> s_hold = new("test.hold") { OnCrash = OnCrash.Hold };

    [Fact]
    public async Task One_step_decides_among_callers_that_arrive_together()
    {
        using var test = new TestGuard();
        using var start = new Barrier(16);
        var waiting = new IdempotentOperation<int>("test.operation") { OnDuplicate = OnDuplicate.Wait };

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return test.CallAsync(waiting);
            },
            TaskCreationOptions.LongRunning).Unwrap()));

        Assert.All(answers, answer => Assert.Equal(1, answer));
        Assert.Equal(1, test.Runs);
        Assert.Equal(0, test.Store.Count(StoreOperation.Get)); // nothing is read first and decided on
    }

    [Fact]
    public async Task A_record_that_vanishes_between_two_steps_does_not_let_a_caller_go_on_unprotected()
    {
        using var test = new TestGuard();
        await test.CallAsync(s_operation);
        test.Store.Before = called =>
        {
            if (called.Operation == StoreOperation.Claim)
            {
                test.Time.Advance(TestGuard.Ttl);
            }
        };
        test.Store.Answer = claim => claim; // no answer from memory: the claim has to decide

        Assert.Equal(2, await test.CallAsync(s_operation));
        Assert.Equal(2, test.Store.Count(StoreOperation.Complete));
    }

    [Theory]
    [InlineData(StoreFault.AnswerLost)]
    [InlineData(StoreFault.Silent)]
    internal async Task A_claim_whose_answer_was_lost_is_recognised_when_it_is_repeated(StoreFault fault)
    {
        using var test = new TestGuard();
        test.Store.FailAt(StoreOperation.Claim, 1, fault);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await call);
        Assert.Equal(2, test.ClaimingTokens.Count);
    }

    [Fact]
    public async Task A_caller_that_leaves_without_knowing_its_claim_abandons_it()
    {
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Claim, StoreFault.Silent);
        using var impatience = new CancellationTokenSource();
        var call = test.CallAsync(s_hold, cancellationToken: impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        test.Store.Heal();
        Assert.Equal(1, await test.CallAsync(s_hold)); // nobody is in progress and nothing is in doubt
        Assert.Equal(1, test.Store.Count(StoreOperation.Abandon));
    }

    [Fact]
    public async Task An_abandon_is_repeated_until_the_store_has_it()
    {
        using var test = new TestGuard();
        test.Store.Plan = static call => call switch
        {
            { Operation: StoreOperation.Claim, OperationNumber: 1 } => StoreFault.Silent,
            { Operation: StoreOperation.Abandon, OperationNumber: <= 3 } => StoreFault.Refused,
            _ => StoreFault.None,
        };
        using var impatience = new CancellationTokenSource();
        var call = test.CallAsync(s_hold, cancellationToken: impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        test.PassRenewing(TimeSpan.FromSeconds(5));

        Assert.Equal(4, test.Store.Count(StoreOperation.Abandon));
        Assert.Equal(1, await test.CallAsync(s_hold));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_starts_does_nothing()
    {
        using var test = new TestGuard();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.CallAsync(s_operation, cancellationToken: new CancellationToken(true)));

        Assert.Empty(test.Store.Calls);
        Assert.Equal(0, test.Runs);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_lets_no_body_run()
    {
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Claim);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TimeSpan.FromSeconds(20));

        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => call);
        Assert.Equal(0, test.Runs);
        Assert.Equal("test.operation", refused.Operation);
        Assert.Equal(
            $"Operation 'test.operation' (key {refused.Key[..8]}…) could not reach its store: it gave no answer for 15 s. The body did not run. " +
            "Send the call again when the store answers.",
            refused.Message);
        Assert.IsType<IOException>(refused.InnerException);
    }

    [Fact]
    public async Task A_store_that_refuses_is_not_asked_again()
    {
        using var test = new TestGuard();
        test.Store.Failure = static call => new StoreRefusedException("test.operation", "0123456789", "it forgets. Let it not forget.");
        test.Store.FailAt(StoreOperation.Claim, 1, StoreFault.Refused);

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => test.CallAsync(s_operation));

        Assert.Equal("Operation 'test.operation' (key 01234567…) was refused by its store: it forgets. Let it not forget. The body did not run.", refusal.Message);
        Assert.Equal((1, 0, 0), (test.Store.Count(StoreOperation.Claim), test.Store.Count(StoreOperation.Abandon), test.Runs));
    }

    [Fact]
    public async Task A_store_that_never_answers_hangs_no_caller()
    {
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Claim, StoreFault.Vanished);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TimeSpan.FromSeconds(25));

        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<StoreUnavailableException>(() => call)).InnerException);
    }

    [Fact]
    public async Task A_store_that_fails_after_the_body_does_not_let_it_run_again()
    {
        using var test = new TestGuard(options => options.BackgroundCompletion = TimeSpan.FromHours(1));
        test.Store.FailAlways(StoreOperation.Complete);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TestGuard.Lease * 2.5);
        await Assert.ThrowsAsync<OutcomeNotStoredException>(() => call);

        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        Assert.Equal(1, test.Runs);
        Assert.Equal(0, test.Store.Count(StoreOperation.Release));
    }

    [Fact]
    public async Task A_token_that_was_ended_is_replaced_by_a_new_one()
    {
        using var test = new TestGuard();
        test.Store.Before = called =>
        {
            if (called is { Operation: StoreOperation.Claim, OperationNumber: 1 })
            {
                // As if a claim that was given up had been abandoned while this copy of it was on its way.
                test.Memory.AbandonAsync(called.Key!, called.Token!.Value, default).AsTask().GetAwaiter().GetResult();
            }
        };

        Assert.Equal(1, await test.CallAsync(s_hold));

        Assert.NotEqual(test.ClaimingTokens[0], test.ClaimingTokens[1]);
    }

    [Fact]
    public async Task An_owner_that_vanishes_leaves_its_key_to_the_next_caller_after_its_lease_under_Retry()
    {
        using var test = new TestGuard();
        _ = test.CallAsync(s_operation, _ => new TaskCompletionSource().Task);
        test.Store.FailAlways(StoreOperation.Renew);

        test.Time.Advance(TestGuard.Lease - TimeSpan.FromTicks(1));
        var refused = await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_operation));
        Assert.Equal(TimeSpan.FromTicks(1), refused.RetryAfter);
        test.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(2, await test.CallAsync(s_operation));
    }

    [Fact]
    public async Task An_owner_that_vanishes_leaves_its_key_in_doubt_under_Hold_until_it_reports_after_all()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_hold, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease);

        var doubt = await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(s_hold));
        Assert.Equal(1, doubt.Attempt);
        test.Time.Advance(TimeSpan.FromDays(365));
        await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(s_hold));

        gate.Open();
        Assert.Equal(1, await owner);
        Assert.Equal(1, await test.CallAsync(s_hold));
        Assert.Equal(1, test.Runs);
    }
}
