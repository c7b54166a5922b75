using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Transactions;

/// <summary>What becomes of a call in a transaction when the database refuses, forgets to answer, or is gone.</summary>
public sealed class LostTransactionTests
{
    private static IdempotentOperation<int> Operation => TransactionTest.Operation;

    public static TheoryData<DatabaseStep, DatabaseFault, int> Faults
    {
        get
        {
            var faults = new TheoryData<DatabaseStep, DatabaseFault, int>();
            foreach (var step in (DatabaseStep[])[DatabaseStep.Begin, DatabaseStep.Claim, DatabaseStep.Commit])
            {
                foreach (var fault in (DatabaseFault[])[DatabaseFault.Conflict, DatabaseFault.Lost, DatabaseFault.LostAfter, DatabaseFault.Hangs])
                {
                    faults.Add(step, fault, 1);
                    faults.Add(step, fault, 3);
                }
            }

            return faults;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_fails_for_a_while_the_call_has_one_effect_and_one_outcome(DatabaseStep step, DatabaseFault fault, int times)
    {
        using var test = new TransactionTest(static options => options.ClaimTimeout = TimeSpan.FromMinutes(1));
        test.Database.Plan = (at, number) => at == step && number <= times ? fault : DatabaseFault.None;

        var result = await test.EndAsync(test.CallAsync());

        Assert.Equal(result, await test.EndAsync(test.CallAsync()));
        Assert.Equal([$"key#{result}"], test.Database.Effects);
        Assert.Equal(step == DatabaseStep.Commit && fault != DatabaseFault.LostAfter ? times + 1 : 1, test.Runs);
        await test.UntilAsync(() => test.Database.Open == 0);
    }

    [Theory]
    [InlineData(OnDuplicate.Return)]
    [InlineData(OnDuplicate.Wait)]
    [InlineData(OnDuplicate.Throw)]
    public async Task A_commit_that_was_applied_and_not_answered_is_recognised_as_the_calls_own(OnDuplicate onDuplicate)
    {
        using var test = new TransactionTest();
        var operation = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnDuplicate = onDuplicate };
        test.Database.Plan = static (step, number) => (step, number) is (DatabaseStep.Commit, 1) ? DatabaseFault.LostAfter : (step, number) is (DatabaseStep.Get, 1) ? DatabaseFault.Lost : DatabaseFault.None;

        Assert.Equal(1, await test.EndAsync(test.CallAsync(operation)));
        Assert.Equal(["key#1"], test.Database.Effects);
        Assert.Equal(2, test.Database.Count(DatabaseStep.Get));
    }

    [Fact]
    public async Task A_result_that_cannot_be_stored_reaches_the_caller_also_when_its_commit_was_not_answered()
    {
        using var test = new TransactionTest(static options => options.MaxResultBytes = 1);
        test.Database.Plan = static (step, number) => (step, number) is (DatabaseStep.Commit, 1) ? DatabaseFault.LostAfter : DatabaseFault.None;

        var lost = await Assert.ThrowsAsync<OutcomeNotStoredException>(() => test.EndAsync(test.Guard.RunAsync(
            new IdempotentOperation<string>("test.transfer") { Transaction = Operation.Transaction }, "key", static _ => Task.FromResult("long"))));

        Assert.Equal("long", lost.Result);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_does_not_keep_the_guard_from_finding_out()
    {
        using var test = new TransactionTest();
        using var client = new CancellationTokenSource();
        test.Database.Plan = HangUpAtCommit(client, DatabaseFault.LostAfter);

        Assert.Equal(1, await test.EndAsync(test.CallAsync(cancellationToken: client.Token)));
    }

    [Fact]
    public async Task A_caller_that_hangs_up_does_not_get_a_second_run_when_the_first_was_rolled_back()
    {
        using var test = new TransactionTest();
        using var client = new CancellationTokenSource();
        test.Database.Plan = HangUpAtCommit(client, DatabaseFault.Lost);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.EndAsync(test.CallAsync(cancellationToken: client.Token)));
        Assert.Equal(1, test.Runs);
        Assert.Empty(test.Database.Effects);
        Assert.Equal(0, test.Database.Open);
    }

    [Theory]
    [InlineData(DatabaseFault.Lost)]
    [InlineData(DatabaseFault.LostAfter)]
    public async Task A_commit_that_nobody_can_be_asked_about_is_called_unknown_and_the_call_may_be_sent_again(DatabaseFault fault)
    {
        using var test = new TransactionTest();
        var isGone = false;
        test.Database.Plan = (step, _) =>
        {
            if (step == DatabaseStep.Commit)
            {
                isGone = true;
                return fault;
            }

            return isGone ? DatabaseFault.Lost : DatabaseFault.None;
        };

        var unknown = await Assert.ThrowsAsync<CommitUnknownException>(() => test.EndAsync(test.CallAsync()));
        Assert.Contains("whether that was committed is not known", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Send the same call again", unknown.Message, StringComparison.Ordinal);

        test.Database.Plan = static (_, _) => DatabaseFault.None;
        var result = await test.EndAsync(test.CallAsync());
        Assert.Equal([$"key#{result}"], test.Database.Effects);
        Assert.Equal(fault == DatabaseFault.Lost ? 2 : 1, test.Runs);
    }

    [Theory]
    [InlineData(DatabaseStep.Begin)]
    [InlineData(DatabaseStep.Claim)]
    public async Task A_database_that_does_not_come_back_before_the_body_ran_is_unavailable(DatabaseStep step)
    {
        using var test = new TransactionTest();
        test.Database.Plan = (at, _) => at == step ? DatabaseFault.Lost : DatabaseFault.None;

        var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(() => test.EndAsync(test.CallAsync()));

        Assert.Contains("The body did not run", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(0, test.Runs);
    }

    [Fact]
    public async Task A_database_that_does_not_come_back_after_a_conflict_is_not_said_to_have_run_nothing()
    {
        using var test = new TransactionTest();
        test.Database.Plan = static (step, number) => (step, number) switch
        {
            (DatabaseStep.Commit, 1) => DatabaseFault.Conflict,
            (DatabaseStep.Begin, > 1) => DatabaseFault.Lost,
            _ => DatabaseFault.None,
        };

        var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(() => test.EndAsync(test.CallAsync()));

        Assert.Contains("ran its body in a transaction that was rolled back", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_database_that_loses_every_commit_is_given_up_and_the_caller_told_that_nothing_is_there()
    {
        using var test = new TransactionTest();
        test.Database.Plan = static (step, _) => step == DatabaseStep.Commit ? DatabaseFault.Hangs : DatabaseFault.None;

        var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(() => test.EndAsync(test.CallAsync()));

        Assert.Contains("rolled back", unavailable.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("did not run", unavailable.Message, StringComparison.Ordinal);
        Assert.Empty(test.Database.Effects);
        await test.UntilAsync(() => test.Database.Open == 0);
    }

    [Fact]
    public async Task A_conflict_of_the_body_repeats_all_of_it_in_another_transaction()
    {
        using var test = new TransactionTest();

        var result = await test.EndAsync(test.CallAsync(body: context => test.Runs < 4
            ? throw new InvalidOperationException("wrapped twice", new InvalidOperationException("", new DatabaseException("40P01", TransactionFate.Conflict)))
            : Task.CompletedTask));

        Assert.Equal(4, result);
        Assert.Equal(["key#4"], test.Database.Effects);
    }

    [Fact]
    public async Task Conflicts_without_end_reach_the_caller()
    {
        using var test = new TransactionTest();

        var conflict = await Assert.ThrowsAsync<DatabaseException>(() =>
            test.EndAsync(test.CallAsync(body: static _ => throw new DatabaseException("40001", TransactionFate.Conflict))));

        Assert.Equal("40001", conflict.Message);
        Assert.InRange(test.Time.Elapsed, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(17));
        Assert.Empty(test.Database.Effects);
    }

    [Fact]
    public async Task What_the_database_refuses_only_at_the_commit_is_the_bodys_failure()
    {
        using var test = new TransactionTest();
        var locks = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnFailure = OnFailure.Lock };
        test.Database.Plan = static (step, number) => (step, number) is (DatabaseStep.Commit, 1) ? DatabaseFault.Refused : DatabaseFault.None;

        await Assert.ThrowsAsync<DatabaseException>(() => test.CallAsync(locks));

        await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(locks));
        Assert.Equal(1, test.Runs);
        Assert.Empty(test.Database.Effects);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_failure_to_keep_is_stored_whatever_fails_for_a_while(DatabaseStep step, DatabaseFault fault, int times)
    {
        using var test = new TransactionTest(static options => options.ClaimTimeout = TimeSpan.FromMinutes(1));
        var locks = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnFailure = OnFailure.Lock };
        var first = step == DatabaseStep.Commit ? 1 : 2;
        test.Database.Plan = (at, number) => at == step && number >= first && number < first + times ? fault : DatabaseFault.None;

        await Assert.ThrowsAsync<FormatException>(() => test.EndAsync(test.CallAsync(locks, static _ => throw new FormatException("no"))));

        await Assert.ThrowsAsync<OperationFailedException>(() => test.EndAsync(test.CallAsync(locks)));
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_failure_that_cannot_be_kept_still_reaches_the_caller()
    {
        using var test = new TransactionTest();
        var locks = new IdempotentOperation<int>("test.transfer") { Transaction = Operation.Transaction, OnFailure = OnFailure.Lock };
        test.Database.Plan = static (step, number) => step == DatabaseStep.Begin && number > 1 ? DatabaseFault.Lost : DatabaseFault.None;

        await Assert.ThrowsAsync<FormatException>(() => test.EndAsync(test.CallAsync(locks, static _ => throw new FormatException("no"))));

        Assert.Contains(test.Logs.Entries, static entry => entry.Text.Contains("its failure could not be stored", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(DatabaseFault.Lost)]
    [InlineData(DatabaseFault.Hangs)]
    public async Task A_rollback_that_fails_takes_nothing_from_the_caller(DatabaseFault fault)
    {
        using var test = new TransactionTest();
        test.Database.Plan = (step, _) => step == DatabaseStep.Rollback ? fault : DatabaseFault.None;

        await Assert.ThrowsAsync<FormatException>(() => test.EndAsync(test.CallAsync(body: static _ => throw new FormatException())));

        Assert.Empty(test.Database.Effects);
    }

    private static Func<DatabaseStep, int, DatabaseFault> HangUpAtCommit(CancellationTokenSource client, DatabaseFault fault) => (step, number) =>
    {
        if ((step, number) is not (DatabaseStep.Commit, 1))
        {
            return DatabaseFault.None;
        }

        client.Cancel();
        return fault;
    };
}
