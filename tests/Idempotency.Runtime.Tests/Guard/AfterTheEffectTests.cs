using System.Text;
using Idempotency.Serialization;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class AfterTheEffectTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.operation");

    [Fact]
    public async Task A_caller_that_hangs_up_cannot_lose_the_outcome()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        using var client = new CancellationTokenSource();
        var token = CancellationToken.None;
        var call = test.CallAsync(
            s_operation,
            context =>
            {
                token = context.CancellationToken;
                return gate.PassAsync();
            },
            cancellationToken: client.Token);

        await client.CancelAsync();
        Assert.False(token.IsCancellationRequested); // the body does not die at its next await
        gate.Open();

        Assert.Equal(1, await call);
        Assert.Equal(1, await test.CallAsync(s_operation));
    }

    [Fact]
    public async Task The_callers_token_reaches_the_body_only_when_it_is_asked_for()
    {
        using var test = new TestGuard();
        var cancellable = new IdempotentOperation<int>("test.operation") { CancelBody = true };
        using var client = new CancellationTokenSource();
        var call = test.CallAsync(cancellable, context => Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken), cancellationToken: client.Token);

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(2, await test.CallAsync(cancellable));
    }

    [Fact]
    public async Task Completion_goes_on_although_the_caller_has_cancelled()
    {
        using var test = new TestGuard();
        using var client = new CancellationTokenSource();
        test.Store.Plan = static call => call is { Operation: StoreOperation.Complete, OperationNumber: <= 3 } ? StoreFault.Refused : StoreFault.None;
        var call = test.CallAsync(s_operation, _ => client.CancelAsync(), cancellationToken: client.Token);
        test.PassRenewing(TimeSpan.FromSeconds(5));

        Assert.Equal(1, await call);
        Assert.Equal(4, test.Store.Count(StoreOperation.Complete));
    }

    [Fact]
    public async Task Saving_that_fails_after_success_does_not_free_the_key_and_gives_the_caller_its_result()
    {
        using var test = new TestGuard(options => options.BackgroundCompletion = TimeSpan.Zero);
        test.Store.FailAlways(StoreOperation.Complete);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TestGuard.Lease * 2.5);

        var lost = await Assert.ThrowsAsync<OutcomeNotStoredException>(() => call);
        Assert.Equal(1, lost.Result);
        Assert.Equal(0, test.Store.Count(StoreOperation.Release));
        Assert.Contains("has run, but its outcome is not stored: the store gave no answer in time", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outcome_that_could_not_be_stored_in_time_is_stored_in_the_background()
    {
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Complete);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TestGuard.Lease * 2.5);
        await Assert.ThrowsAsync<OutcomeNotStoredException>(() => call);
        test.PassRenewing(TestGuard.Lease * 3); // its lease is renewed all the while

        test.Store.Heal();
        test.PassRenewing(TimeSpan.FromSeconds(3));

        Assert.Equal(1, await test.CallAsync(s_operation));
        Assert.Contains(test.Logs.Entries, entry => entry.Id == 12);
        var renewals = test.Store.Count(StoreOperation.Renew);
        test.PassRenewing(TestGuard.Lease * 2);
        Assert.Equal(renewals, test.Store.Count(StoreOperation.Renew));
    }

    [Fact]
    public async Task When_nobody_could_store_the_outcome_the_crash_policy_decides()
    {
        var hold = new IdempotentOperation<int>("test.hold") { OnCrash = OnCrash.Hold };
        using var test = new TestGuard();
        test.Store.FailAlways(StoreOperation.Complete);
        var call = test.CallAsync(hold);
        test.PassRenewing(TestGuard.Lease * 2.5);
        await Assert.ThrowsAsync<OutcomeNotStoredException>(() => call);
        test.PassRenewing(TimeSpan.FromMinutes(12));

        await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(hold));
        Assert.Equal(1, test.Runs);
    }

    [Theory]
    [InlineData(StoreFault.AnswerLost)]
    [InlineData(StoreFault.Silent)]
    internal async Task A_completion_whose_answer_was_lost_is_repeated_harmlessly(StoreFault fault)
    {
        using var test = new TestGuard();
        test.Store.FailAt(StoreOperation.Complete, 1, fault);
        var call = test.CallAsync(s_operation);
        test.PassRenewing(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await call);
        Assert.Equal(1, await test.CallAsync(s_operation));
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task The_result_is_returned_only_after_the_store_has_it()
    {
        using var test = new TestGuard();
        test.Store.FailAt(StoreOperation.Complete, 1, StoreFault.Vanished);
        var call = test.CallAsync(s_operation);
        Assert.False(call.IsCompleted);
        test.PassRenewing(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await call);
    }

    [Fact]
    public async Task A_result_that_cannot_be_serialized_leaves_a_marker_and_reaches_the_first_caller()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Loop>("test.loop");
        var loop = new Loop();
        loop.Self = loop;
        var runs = 0;
        Task<Loop> Body(IdempotencyContext context)
        {
            runs++;
            return Task.FromResult(loop);
        }

        var first = await Assert.ThrowsAsync<OutcomeNotStoredException>(() => test.Guard.RunAsync(operation, "key", Body));
        var second = await Assert.ThrowsAsync<OutcomeNotStoredException>(() => test.Guard.RunAsync(operation, "key", Body));

        Assert.Same(loop, first.Result);
        Assert.Null(second.Result);
        Assert.Contains("cannot be serialized and read back", second.Message, StringComparison.Ordinal);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_result_that_does_not_survive_being_stored_leaves_a_marker_and_reaches_the_first_caller()
    {
        using var test = new TestGuard();
        var closed = await Assert.ThrowsAsync<OutcomeNotStoredException>(
            () => test.Guard.RunAsync(new IdempotentOperation<Closed>("test.closed"), "key", _ => Task.FromResult(Closed.Of(42))));
        var derived = await Assert.ThrowsAsync<OutcomeNotStoredException>(
            () => test.Guard.RunAsync(new IdempotentOperation<Animal>("test.animal"), "key", _ => Task.FromResult<Animal>(new Dog { Name = "Rex" })));

        Assert.Equal(42, Assert.IsType<Closed>(closed.Result).Value);
        Assert.Equal("Rex", Assert.IsType<Dog>(derived.Result).Name);
        Assert.Contains("is not the same when it is read back from JSON", derived.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_is_written_differently_every_time_is_kept()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Ticking>("test.ticking");

        var first = await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(new Ticking { Value = 7 }));
        Assert.Equal(7, first.Value);
        Assert.Equal(7, (await test.Guard.RunAsync<Ticking>(operation, "key", _ => throw new InvalidOperationException())).Value);
    }

    [Fact]
    public async Task A_result_type_that_cannot_be_read_back_is_refused_before_the_key_is_claimed()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<IComparable<Dog>>("test.abstract");

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Guard.RunAsync<IComparable<Dog>>(operation, "key", _ => throw new FormatException()));
        Assert.Empty(test.Store.Calls);
    }

    [Fact]
    public async Task A_result_that_is_too_large_leaves_a_marker_and_reaches_the_first_caller()
    {
        using var test = new TestGuard(options => options.MaxResultBytes = 100);
        var operation = new IdempotentOperation<string>("test.large");
        var first = await Assert.ThrowsAsync<OutcomeNotStoredException>(
            () => test.Guard.RunAsync(operation, "key", _ => Task.FromResult(new string('x', 200))));
        var second = await Assert.ThrowsAsync<OutcomeNotStoredException>(
            () => test.Guard.RunAsync<string>(operation, "key", _ => throw new InvalidOperationException("ran again")));

        Assert.Equal(new string('x', 200), first.Result);
        Assert.Contains("its result has 202 bytes and MaxResultBytes is 100.", second.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_type_that_cannot_be_stored_is_refused_before_the_key_is_claimed()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Stream>("test.stream");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => test.Guard.RunAsync(operation, "key", _ => Task.FromResult(Stream.Null)));

        Assert.Equal(
            "Operation 'test.stream' returns 'System.IO.Stream', which cannot be stored and replayed; the body did not run. Return the data itself, " +
            "such as a record, a string or a byte array.",
            refused.Message);
        Assert.Empty(test.Store.Calls);
    }

    [Fact]
    public void A_result_type_without_a_contract_is_refused_with_what_to_register()
    {
        var contracts = new JsonContracts([], useReflection: false);

        var refused = Assert.Throws<InvalidOperationException>(() => contracts.For<Loop>("test.loop"));
        Assert.EndsWith(
            "for which no JSON contract is registered; the body did not run. Add [JsonSerializable(typeof(Loop))] to a JsonSerializerContext and " +
            "register it with options.JsonTypeInfoResolvers.Add(…).",
            refused.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "its 0 bytes are not an outcome")]
    [InlineData("not an outcome at all", "are not an outcome")]
    [InlineData("\u001d\u0002 of the future, with enough bytes", "written by a newer version")]
    [InlineData("\u001d\u0001 of today, but damaged on its way", "its checksum is wrong")]
    public async Task A_corrupt_record_never_counts_as_absent(string payload, string reason)
    {
        using var test = new TestGuard();
        await test.CallAsync(s_operation);
        test.Store.Answer = _ => new Claim.Finished(new StoredOutcome(isFailure: false, Encoding.UTF8.GetBytes(payload)));

        var refused = await Assert.ThrowsAsync<UnreadableRecordException>(() => test.CallAsync(s_operation));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("The body did not run. Deploy a version that reads it, or inspect the record before removing it.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_record_that_the_store_cannot_read_never_counts_as_absent()
    {
        using var test = new TestGuard();
        test.Store.Answer = _ => new Claim.Unreadable("its row was written by a newer version.");

        await Assert.ThrowsAsync<UnreadableRecordException>(() => test.CallAsync(s_operation));
        Assert.Equal(0, test.Runs);
    }

    [Fact]
    public async Task A_result_of_another_type_is_refused_and_the_body_does_not_run()
    {
        using var test = new TestGuard();
        await test.CallAsync(s_operation);
        var changed = new IdempotentOperation<string>("test.operation");

        var refused = await Assert.ThrowsAsync<UnreadableRecordException>(
            () => test.Guard.RunAsync<string>(changed, "key", _ => throw new InvalidOperationException("ran")));
        Assert.Contains("it holds a 'System.Int32' where the operation returns 'System.String'", refused.Message, StringComparison.Ordinal);
    }

    private sealed class Closed
    {
        public int Value { get; private set; }

        public static Closed Of(int value) => new() { Value = value };
    }

    private class Animal;

    private sealed class Dog : Animal
    {
        public string? Name { get; set; }
    }

    private sealed class Ticking
    {
        private int _reads;

        public int Value { get; set; }

        public int Reads => _reads++;
    }

    private sealed class Loop
    {
        public Loop? Self { get; set; }
    }
}
