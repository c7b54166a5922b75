namespace Idempotency.Testing.Tests;

public sealed class OnceAssertTests
{
    private int _charges;

    [Theory]
    [InlineData(OnDuplicate.Wait)]
    [InlineData(OnDuplicate.Return)]
    [InlineData(OnDuplicate.Throw)]
    public async Task A_guarded_call_has_one_effect_under_concurrency(OnDuplicate onDuplicate)
    {
        var operation = new IdempotentOperation<Receipt>("tests.charge") { OnDuplicate = onDuplicate };

        var receipt = await OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", _ => ChargeAsync()), () => _charges);

        Assert.Equal(1, receipt.Number);
        Assert.Equal(1, _charges);
    }

    [Fact]
    public async Task Results_of_any_type_are_compared()
    {
        var number = new IdempotentOperation<int>("tests.number");
        var nothing = new IdempotentOperation<string?>("tests.nothing");

        Assert.Equal(1, await OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard, guard => guard.RunAsync(number, "order 1", async _ => (await ChargeAsync()).Number), () => _charges));
        Assert.Null(await OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard,
            guard => guard.RunAsync(nothing, "order 1", async _ =>
            {
                await ChargeAsync();
                return null;
            }),
            () => _charges));
    }

    [Fact]
    public async Task A_call_without_a_guard_has_as_many_effects_as_callers()
    {
        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard, _ => ChargeAsync(), () => _charges, callers: 5));

        Assert.Equal("5 callers at once had 5 effects; they must have 1 together.", broken.Message);
    }

    [Fact]
    public async Task Callers_that_get_different_results_are_found()
    {
        var operation = new IdempotentOperation<Receipt>("tests.charge");
        var answers = 0;

        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard,
            async guard =>
            {
                await guard.RunAsync(operation, "order 1", _ => ChargeAsync());
                return Interlocked.Increment(ref answers);
            },
            () => _charges));

        Assert.StartsWith("Callers got different results: ", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_fails_is_found()
    {
        var operation = new IdempotentOperation<NoResult>("tests.charge");

        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", static _ => throw new FormatException("no amount")), () => _charges));

        Assert.IsType<FormatException>(broken.InnerException);
        Assert.Contains("FormatException, and there were 0 effects: no amount", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_a_result_is_asserted_too()
    {
        var operation = new IdempotentOperation<NoResult>("tests.charge") { OnCrash = OnCrash.Hold };

        await OnceAssert.HasOneEffectUnderConcurrencyAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", Task (_) => ChargeAsync()), () => _charges);
        await OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", Task (_) => ChargeAsync()), () => _charges, OnCrash.Hold);
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task A_guarded_call_keeps_the_promise_of_its_crash_policy(OnCrash onCrash)
    {
        var operation = new IdempotentOperation<Receipt>("tests.charge") { OnCrash = onCrash };

        var crashes = await OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", _ => ChargeAsync()), () => _charges, onCrash);

        Assert.True(crashes >= 8, $"Only {crashes} crashes were tried.");
    }

    [Fact]
    public async Task A_call_that_guards_a_part_of_itself_too_is_restarted_when_all_its_leases_are_over()
    {
        var outer = new IdempotentOperation<Receipt>("tests.order") { OnDuplicate = OnDuplicate.Wait, Lease = TimeSpan.FromMinutes(1) };
        var inner = new IdempotentOperation<Receipt>("tests.charge") { OnDuplicate = OnDuplicate.Wait };

        var crashes = await OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard,
            guard => guard.RunAsync(outer, "order 1", _ => guard.RunAsync(inner, "order 1", _ => ChargeAsync())),
            () => _charges,
            OnCrash.Retry);

        Assert.True(crashes >= 50, $"Only {crashes} crashes were tried.");
    }

    [Fact]
    public async Task An_operation_that_is_retried_does_not_keep_the_promise_of_hold_and_the_message_says_where()
    {
        var operation = new IdempotentOperation<Receipt>("tests.charge") { OnCrash = OnCrash.Retry };

        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", _ => ChargeAsync()), () => _charges, OnCrash.Hold));

        Assert.Equal(
            "When a process died just before store call 2, Complete number 1, there were 2 effects; Hold allows 1 here: is the operation really under Hold?",
            broken.Message);
    }

    [Fact]
    public async Task An_effect_before_the_guard_is_found()
    {
        var operation = new IdempotentOperation<int>("tests.charge");

        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard,
            async guard =>
            {
                await ChargeAsync();
                return await guard.RunAsync(operation, "order 1", static _ => Task.FromResult(1));
            },
            () => _charges,
            OnCrash.Retry));

        Assert.Contains("there were 3 effects; Retry allows", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_no_guard_runs_is_found()
    {
        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard, _ => ChargeAsync(), () => _charges, OnCrash.Retry));

        Assert.StartsWith("Without any crash, there were 2 effects", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_with_no_effect_at_all_is_found()
    {
        var operation = new IdempotentOperation<int>("tests.charge");

        var broken = await Assert.ThrowsAsync<OnceAssertionException>(() => OnceAssert.HasOneEffectUnderCrashesAsync(
            static guard => guard, guard => guard.RunAsync(operation, "order 1", static _ => Task.FromResult(1)), () => _charges, OnCrash.Retry));

        Assert.Contains("got a result, although there was no effect", broken.Message, StringComparison.Ordinal);
    }

    private Task<Receipt> ChargeAsync() => Task.FromResult(new Receipt { Number = Interlocked.Increment(ref _charges) });

    /// <summary>Does not say when it equals another, as results often do not.</summary>
    private sealed class Receipt
    {
        public int Number { get; init; }
    }
}
