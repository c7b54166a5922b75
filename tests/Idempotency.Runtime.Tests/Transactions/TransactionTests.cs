using Idempotency.Keys;
using Idempotency.Runtime.Tests.Guard;
using Xunit;

namespace Idempotency.Runtime.Tests.Transactions;

/// <summary>What a call in a transaction promises while the database answers.</summary>
public sealed class TransactionTests
{
    private static IdempotentOperation<int> Operation => TransactionTest.Operation;

    [Fact]
    public async Task The_effect_and_the_outcome_are_committed_together_and_replayed()
    {
        using var test = new TransactionTest();

        Assert.Equal(1, await test.CallAsync());
        Assert.Equal(1, await test.CallAsync());

        Assert.Equal(["key#1"], test.Database.Effects);
        Assert.Equal(1, test.Database.Count(DatabaseStep.Commit));
        Assert.Equal(0, test.Database.Open);
    }

    [Fact]
    public async Task What_the_body_throws_reaches_the_caller_and_takes_everything_back()
    {
        using var test = new TransactionTest();
        var failure = new FormatException();

        Assert.Same(failure, await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(body: _ => throw failure)));
        Assert.Empty(test.Database.Effects);
        Assert.Equal(0, test.Database.Open);
        Assert.Equal(2, await test.CallAsync());
        Assert.Equal(["key#2"], test.Database.Effects);
    }

    [Fact]
    public async Task A_failure_that_locks_is_kept_in_a_transaction_of_its_own()
    {
        using var test = new TransactionTest();
        var locks = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, LockOn = [typeof(FormatException)], OnCrash = OnCrash.Hold };

        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(locks, static _ => throw new FormatException("no")));
        var kept = await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(locks));

        Assert.Equal("no", kept.FailureMessage);
        Assert.Equal(1, test.Runs);
        Assert.Empty(test.Database.Effects);
    }

    [Fact]
    public async Task A_failure_is_not_kept_when_somebody_else_has_the_key_by_then()
    {
        using var test = new TransactionTest();
        var locks = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnFailure = OnFailure.Lock };
        var gate = new Gate();
        Task<int>? other = null;
        test.Database.Plan = (step, number) =>
        {
            if (step == DatabaseStep.Begin && number == 2)
            {
                other = test.CallAsync(body: _ => gate.PassAsync());
            }

            return DatabaseFault.None;
        };

        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(locks, static _ => throw new FormatException("no")));
        gate.Open();

        Assert.Equal(2, await other!);
        Assert.Equal(2, await test.CallAsync(locks));
    }

    [Fact]
    public async Task A_rolled_back_body_is_never_in_doubt()
    {
        using var test = new TransactionTest();
        var holds = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnCrash = OnCrash.Hold };

        await Assert.ThrowsAsync<TimeoutException>(() => test.CallAsync(holds, static _ => throw new TimeoutException()));

        Assert.Equal(2, await test.CallAsync(holds));
    }

    [Theory]
    [InlineData(OnDuplicate.Return, typeof(OperationInProgressException))]
    [InlineData(OnDuplicate.Throw, typeof(DuplicateOperationException))]
    public async Task A_duplicate_that_does_not_wait_is_refused_at_once(OnDuplicate onDuplicate, Type refusal)
    {
        using var test = new TransactionTest();
        var operation = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnDuplicate = onDuplicate };
        var gate = new Gate();
        var first = test.CallAsync(operation, _ => gate.PassAsync());

        await Assert.ThrowsAsync(refusal, () => test.CallAsync(operation));
        gate.Open();

        Assert.Equal(1, await first);
        Assert.Equal(TimeSpan.Zero, test.Time.Elapsed);
    }

    [Fact]
    public async Task Any_number_of_waiters_gets_the_outcome_over_one_connection()
    {
        using var test = new TransactionTest();
        var waits = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnDuplicate = OnDuplicate.Wait };
        var gate = new Gate();
        var first = test.CallAsync(waits, _ => gate.PassAsync());
        var waiters = Enumerable.Range(0, 50).Select(_ => test.CallAsync(waits)).ToArray();

        gate.Open();

        Assert.All(await test.EndAsync(Task.WhenAll([first, .. waiters])), static result => Assert.Equal(1, result));
        Assert.InRange(test.Database.MostOpen, 2, 3); // the owner, one that waits, and one that learns that it has to
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_waiter_takes_over_when_the_first_is_rolled_back_and_gives_up_when_its_time_is_over()
    {
        using var test = new TransactionTest();
        var waits = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromSeconds(2) };
        var gate = new Gate();
        var first = test.CallAsync(waits, async _ =>
        {
            await gate.PassAsync();
            throw new FormatException();
        });

        await Assert.ThrowsAsync<OperationInProgressException>(() => test.EndAsync(test.CallAsync(waits)));
        Assert.InRange(test.Time.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        var second = test.CallAsync(waits);
        gate.Open();

        await Assert.ThrowsAsync<FormatException>(() => first);
        Assert.Equal(2, await test.EndAsync(second));
        Assert.Equal(["key#2"], test.Database.Effects);
    }

    [Fact]
    public async Task More_waiters_than_allowed_are_refused()
    {
        using var test = new TransactionTest(static options => options.MaxWaitersPerKey = 1);
        var waits = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnDuplicate = OnDuplicate.Wait };
        var gate = new Gate();
        var first = test.CallAsync(waits, _ => gate.PassAsync());
        var second = test.CallAsync(waits);

        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(waits));
        gate.Open();

        Assert.Equal((int[])[1, 1], await test.EndAsync(Task.WhenAll(first, second)));
    }

    [Fact]
    public async Task A_caller_that_cancels_while_waiting_leaves_at_once_and_a_caller_that_cancels_later_loses_nothing()
    {
        using var test = new TransactionTest();
        var waits = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnDuplicate = OnDuplicate.Wait };
        var gate = new Gate();
        using var client = new CancellationTokenSource();
        var first = test.CallAsync(waits, _ => gate.PassAsync(), cancellationToken: client.Token);
        var second = test.CallAsync(waits, cancellationToken: client.Token);

        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Open();

        Assert.Equal(1, await first);
        Assert.Equal(["key#1"], test.Database.Effects);
        await test.UntilAsync(() => test.Database.Open == 0);
    }

    [Fact]
    public async Task The_callers_token_reaches_the_body_only_when_it_is_asked_for_and_then_rolls_back()
    {
        using var test = new TransactionTest();
        var cancellable = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, CancelBody = true };
        using var client = new CancellationTokenSource();
        var call = test.CallAsync(cancellable, static context => Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken), cancellationToken: client.Token);

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(2, await test.CallAsync(cancellable));
        Assert.Equal(["key#2"], test.Database.Effects);
    }

    [Fact]
    public async Task A_body_that_runs_too_long_is_asked_to_stop_and_rolled_back()
    {
        using var test = new TransactionTest(static options => options.ExecutionLimit = TimeSpan.FromMinutes(1));
        var call = test.CallAsync(body: static context => Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken));

        var stopped = await Assert.ThrowsAsync<LeaseLostException>(() => test.EndAsync(call));

        Assert.Contains("rolled back", stopped.Message, StringComparison.Ordinal);
        Assert.Empty(test.Database.Effects);
        Assert.Equal(0, test.Database.Open);
    }

    [Fact]
    public async Task A_body_that_calls_itself_with_its_own_key_is_told_so()
    {
        using var test = new TransactionTest();

        await Assert.ThrowsAsync<ReentrantOperationException>(() => test.CallAsync(body: _ => test.CallAsync()));

        Assert.Empty(test.Database.Effects);
    }

    [Fact]
    public async Task The_same_key_with_other_arguments_is_refused()
    {
        using var test = new TransactionTest();

        Assert.Equal(1, await Fingerprinted(1));

        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => Fingerprinted(2));

        Task<int> Fingerprinted(int amount)
        {
            var key = new KeyWriter(Operation.KeyHeader, stackalloc byte[256]);
            key.Add("key");
            key.BeginFingerprint();
            key.Add(amount);
            return test.Guard.RunAsync(Operation, ref key, amount, static (amount, _) => new ValueTask<int>(amount)).AsTask();
        }
    }

    [Fact]
    public async Task A_result_that_cannot_be_stored_does_not_undo_the_effect_and_does_not_let_it_happen_again()
    {
        using var test = new TransactionTest(static options => options.MaxResultBytes = 10);
        var operation = new IdempotentOperation<string>("test.transfer") { Transaction = Operation.Transaction };

        var first = await Assert.ThrowsAsync<OutcomeNotStoredException>(CallAsync);
        var second = await Assert.ThrowsAsync<OutcomeNotStoredException>(CallAsync);

        Assert.Equal("a text that is too long", first.Result);
        Assert.Null(second.Result);
        Assert.Equal(["effect"], test.Database.Effects);

        Task<string> CallAsync() => test.Guard.RunAsync(operation, "key", static context =>
        {
            context.GetTransaction<Database.Transaction>().Add("effect");
            return Task.FromResult("a text that is too long");
        });
    }
}
