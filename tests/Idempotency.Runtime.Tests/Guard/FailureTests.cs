using System.Net.Http;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class FailureTests
{
    private static readonly IdempotentOperation<int> s_unlock = new("test.unlock");
    private static readonly IdempotentOperation<int> s_lock = new("test.lock") { OnFailure = OnFailure.Lock };
    private static readonly IdempotentOperation<int> s_hold = new("test.hold") { OnCrash = OnCrash.Hold };

    [Fact]
    public async Task Unlock_frees_the_key_and_the_callers_exception_is_the_bodys_own()
    {
        using var test = new TestGuard();
        var own = new DeclinedException("no funds") { Code = "51" };

        Assert.Same(own, await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_unlock, _ => throw own)));
        Assert.Equal(2, await test.CallAsync(s_unlock));
    }

    [Fact]
    public async Task Lock_stores_the_failure_and_the_body_does_not_run_again()
    {
        using var test = new TestGuard();
        var own = new DeclinedException("no funds");
        Assert.Same(own, await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw own)));

        var again = await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(s_lock));
        Assert.Equal(typeof(DeclinedException).FullName, again.FailureType);
        Assert.Equal("no funds", again.FailureMessage);
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_stored_failure_is_forgotten_with_the_retention()
    {
        using var test = new TestGuard();
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw new DeclinedException("no funds")));
        test.Time.Advance(TestGuard.Ttl);

        Assert.Equal(2, await test.CallAsync(s_lock));
    }

    [Fact]
    public async Task A_registered_type_is_replayed_as_itself_with_what_its_codec_kept()
    {
        using var test = new TestGuard(options => options.Failures.Replay<DeclinedException>(
            failure => new DeclinedException(failure.Message) { Code = failure["code"] }, (failure, data) => data["code"] = failure.Code));
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw new DeclinedException("no funds") { Code = "51" }));

        var again = await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock));
        Assert.Equal(("no funds", "51"), (again.Message, again.Code));
    }

    [Fact]
    public async Task A_registered_type_can_be_replayed_from_its_message_alone()
    {
        using var test = new TestGuard(options => options.Failures.Replay(message => new DeclinedException(message)));
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw new DeclinedException("no funds")));

        Assert.Equal("no funds", (await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock))).Message);
    }

    [Fact]
    public async Task An_operations_own_codec_is_asked_first()
    {
        using var test = new TestGuard(options => options.Failures.Replay(failure => new DeclinedException("from the options")));
        var operation = new IdempotentOperation<int>("test.own")
        {
            LockOn = [typeof(DeclinedException)],
            Failures = [new FailureCodec<DeclinedException>(failure => new DeclinedException("from the operation: " + failure.Message))],
        };
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(operation, _ => throw new DeclinedException("no funds")));

        Assert.Equal("from the operation: no funds", (await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(operation))).Message);
    }

    [Fact]
    public async Task A_derived_type_is_not_replayed_as_its_registered_base()
    {
        using var test = new TestGuard(options => options.Failures.Replay(failure => new DeclinedException(failure.Message)));
        await Assert.ThrowsAsync<StolenCardException>(() => test.CallAsync(s_lock, _ => throw new StolenCardException()));

        Assert.Equal(typeof(StolenCardException).FullName, (await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(s_lock))).FailureType);
    }

    [Fact]
    public async Task A_codec_that_throws_loses_nothing()
    {
        using var test = new TestGuard(options => options.Failures.Replay<DeclinedException>(_ => throw new FormatException("bad codec")));
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw new DeclinedException("no funds")));

        Assert.IsType<FormatException>((await Assert.ThrowsAsync<UnreadableRecordException>(() => test.CallAsync(s_lock))).InnerException);
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_codec_that_cannot_save_changes_neither_what_the_caller_gets_nor_that_the_failure_is_kept()
    {
        using var test = new TestGuard(options => options.Failures.Replay<DeclinedException>(
            failure => new DeclinedException(failure.Message), (_, _) => throw new FormatException("bad codec")));
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw new DeclinedException("no funds")));
        await Assert.ThrowsAsync<Mute>(() => test.CallAsync(s_lock, _ => throw new Mute(), "mute"));

        Assert.Equal("no funds", (await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock))).Message);
        Assert.Equal(typeof(Mute).FullName, (await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(s_lock, "mute"))).FailureType);
        Assert.Equal(2, test.Runs);
    }

    [Fact]
    public async Task A_stored_message_cannot_start_a_new_line_in_a_log()
    {
        using var test = new TestGuard();
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_lock, _ => throw new DeclinedException("no funds\r\nINFO all is well\u001b[2J")));

        var again = await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(s_lock));
        Assert.DoesNotContain(again.Message, char.IsControl);
        Assert.Equal("no funds\r\nINFO all is well\u001b[2J", again.FailureMessage);
    }

    [Fact]
    public async Task Nothing_is_made_from_a_type_name_in_a_record()
    {
        using var test = new TestGuard();
        await Assert.ThrowsAsync<Trap>(() => test.CallAsync(s_lock, _ => throw new Trap("set")));
        var made = Trap.Made;

        await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(s_lock));
        Assert.Equal(made, Trap.Made);
    }

    [Fact]
    public async Task The_entry_nearest_to_the_exceptions_type_decides()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<int>("test.lists")
        {
            OnFailure = OnFailure.Lock,
            UnlockOn = [typeof(DeclinedException)],
            LockOn = [typeof(StolenCardException)],
        };

        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(operation, _ => throw new DeclinedException("no funds"), "declined"));
        Assert.Equal(2, await test.CallAsync(operation, "declined"));
        await Assert.ThrowsAsync<StolenCardException>(() => test.CallAsync(operation, _ => throw new StolenCardException(), "stolen"));
        await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(operation, "stolen"));
        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(operation, _ => throw new FormatException(), "other"));
        await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(operation, "other"));
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task A_cancellation_is_never_stored_as_a_failure(OnCrash onCrash)
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<int>("test.cancelled")
        {
            OnFailure = OnFailure.Lock,
            LockOn = [typeof(OperationCanceledException)],
            OnCrash = onCrash,
        };
        await Assert.ThrowsAsync<TaskCanceledException>(() => test.CallAsync(operation, _ => throw new TaskCanceledException()));
        test.Time.Advance(TestGuard.Lease);

        if (onCrash == OnCrash.Retry)
        {
            Assert.Equal(2, await test.CallAsync(operation));
        }
        else
        {
            await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(operation));
        }
    }

    public static TheoryData<Exception> Ambiguous =>
    [
        new TimeoutException(), new TaskCanceledException(), new HttpRequestException(), new IOException(),
        new InvalidOperationException("wrapped", new TimeoutException()), new AggregateException(new FormatException(), new IOException()),
        new InvalidOperationException("wrapped", new AggregateException(new FormatException(), new TimeoutException())),
    ];

    [Theory, MemberData(nameof(Ambiguous))]
    public async Task An_ambiguous_failure_does_not_free_the_key_under_Hold(Exception failure)
    {
        using var test = new TestGuard();
        Assert.Same(failure, await Assert.ThrowsAnyAsync<Exception>(() => test.CallAsync(s_hold, _ => throw failure)));

        await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(s_hold)); // at once: nobody has to wait for a lease to end
        Assert.Equal(1, test.Runs);
    }

    [Fact]
    public async Task A_failure_that_is_not_ambiguous_or_is_listed_as_safe_frees_the_key_under_Hold()
    {
        using var test = new TestGuard();
        await Assert.ThrowsAsync<DeclinedException>(() => test.CallAsync(s_hold, _ => throw new DeclinedException("no funds")));
        Assert.Equal(2, await test.CallAsync(s_hold));

        var safe = new IdempotentOperation<int>("test.safe") { OnCrash = OnCrash.Hold, UnlockOn = [typeof(TimeoutException)] };
        await Assert.ThrowsAsync<TimeoutException>(() => test.CallAsync(safe, _ => throw new TimeoutException()));
        Assert.Equal(4, await test.CallAsync(safe));
    }

    [Fact]
    public async Task A_failure_reaches_the_caller_although_the_store_cannot_be_told()
    {
        using var test = new TestGuard(options => options.BackgroundCompletion = TimeSpan.FromMinutes(1));
        test.Store.FailAlways(StoreOperation.Release);
        var call = test.CallAsync(s_unlock, _ => throw new DeclinedException("no funds"));
        test.PassRenewing(TestGuard.Lease * 2.5);

        await Assert.ThrowsAsync<DeclinedException>(() => call);
        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_unlock));
        test.Store.Heal();
        test.PassRenewing(TimeSpan.FromSeconds(3));
        Assert.Equal(2, await test.CallAsync(s_unlock));
    }

    [Fact]
    public async Task A_store_error_does_not_run_the_body_again_by_itself()
    {
        using var test = new TestGuard();
        test.Store.Plan = static call => call is { Operation: StoreOperation.Complete, OperationNumber: <= 5 } ? StoreFault.Refused : StoreFault.None;
        var call = test.CallAsync(s_unlock);
        test.PassRenewing(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await call);
        Assert.Equal(1, test.Runs);
    }

    private class DeclinedException(string message) : Exception(message)
    {
        public string? Code { get; set; }
    }

    private sealed class StolenCardException() : DeclinedException("stolen");

    private sealed class Mute : Exception
    {
        public override string Message => throw new FormatException("no message");
    }

    private sealed class Trap : Exception
    {
        public Trap(string message)
            : base(message) => Made++;

        public static int Made { get; private set; }
    }
}
