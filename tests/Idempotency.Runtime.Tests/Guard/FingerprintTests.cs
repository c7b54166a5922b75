using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class FingerprintTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.charge");

    [Fact]
    public async Task The_same_key_with_other_arguments_is_refused_while_the_first_runs_and_after_it_ended()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = ChargeAsync(test, s_operation, "charge-1", 10, gate);

        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => ChargeAsync(test, s_operation, "charge-1", 11));
        await Assert.ThrowsAsync<OperationInProgressException>(() => ChargeAsync(test, s_operation, "charge-1", 10));
        gate.Open();
        Assert.Equal(10, await owner);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => ChargeAsync(test, s_operation, "charge-1", 11));
        Assert.Equal(10, await ChargeAsync(test, s_operation, "charge-1", 10));
    }

    [Fact]
    public async Task The_fingerprint_survives_renewal_and_is_not_overwritten_by_a_take_over()
    {
        using var test = new TestGuard();
        _ = ChargeAsync(test, s_operation, "charge-1", 10, new Gate());
        test.PassRenewing(TestGuard.Lease);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => ChargeAsync(test, s_operation, "charge-1", 11));

        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease * 2);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => ChargeAsync(test, s_operation, "charge-1", 11));
        Assert.Equal(10, await ChargeAsync(test, s_operation, "charge-1", 10));
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => ChargeAsync(test, s_operation, "charge-1", 11));
    }

    [Fact]
    public async Task A_mismatch_says_what_happened_and_what_to_do_and_shows_no_argument()
    {
        using var test = new TestGuard();
        await ChargeAsync(test, s_operation, "4111-1111", 10);

        var refused = await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => ChargeAsync(test, s_operation, "4111-1111", 11));
        Assert.Equal(
            $"Operation 'test.charge' (key {refused.Key[..8]}…) was called before with the same key and other arguments; nothing was done. Send the " +
            "same arguments again, or a new key for a new intent.",
            refused.Message);
        Assert.DoesNotContain("4111", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_key_is_refused_and_never_shared()
    {
        using var test = new TestGuard();
        foreach (var missing in new[] { null, "" })
        {
            var refused = await Assert.ThrowsAnyAsync<ArgumentException>(() => test.CallAsync(s_operation, missing!));
            Assert.Equal("key", refused.ParamName);
        }

        Assert.Empty(test.Store.Calls);
    }

    [Fact]
    public async Task Operations_never_share_a_record_though_their_keys_are_the_same()
    {
        using var test = new TestGuard();
        var (mail, charge) = (new IdempotentOperation<int>("test.mail"), new IdempotentOperation<int>("test.charge"));
        var charge2 = new IdempotentOperation<int>("test.charge", version: 2);

        Assert.Equal(1, await test.CallAsync(mail, "order-1"));
        Assert.Equal(2, await test.CallAsync(charge, "order-1"));
        Assert.Equal(3, await test.CallAsync(charge2, "order-1"));
    }

    [Fact]
    public void A_schema_without_its_operations_name_and_version_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new IdempotentOperation<int>("billing.charge", 1, "userId:i32"));
        Assert.Throws<ArgumentException>(() => new IdempotentOperation<int>("billing.charge", 2, "billing.charge v1: userId:i32"));
        Assert.Equal("billing.charge v1: userId:i32", new IdempotentOperation<int>("billing.charge", 1, "billing.charge v1: userId:i32").Schema);
    }

    [Fact]
    public async Task A_key_that_was_begun_for_another_operation_is_refused()
    {
        using var test = new TestGuard();

        await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            var key = new KeyWriter(new IdempotentOperation<int>("test.mail").KeyHeader, stackalloc byte[64]);
            key.Add("order-1");
            await test.Guard.RunAsync(s_operation, ref key, 0, static (_, _) => new ValueTask<int>(1));
        });
        Assert.Empty(test.Store.Calls);
    }

    private static Task<int> ChargeAsync(TestGuard test, IdempotentOperation<int> operation, string charge, int amount, Gate? gate = null)
    {
        var key = new KeyWriter(operation.KeyHeader, stackalloc byte[64]);
        key.Add(charge);
        key.BeginFingerprint();
        key.Add(amount);
        return test.Guard.RunAsync(
            operation,
            ref key,
            (amount, gate),
            static async (state, _) =>
            {
                await (state.gate?.PassAsync() ?? Task.CompletedTask);
                return state.amount;
            }).AsTask();
    }
}
