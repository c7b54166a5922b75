using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>Renewals on the system's clock, which a test cannot move by hand.</summary>
public sealed class RenewalThreadTests
{
    private static readonly AsyncLocal<string?> s_callers = new();

    [Fact]
    public async Task Leases_are_renewed_by_a_thread_of_their_own_that_carries_nothing_of_the_callers_flow()
    {
        var renewed = new TaskCompletionSource<(bool IsPooled, string? Name, string? FromCaller)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new FaultInjectingStore(new MemoryStore())
        {
            Before = call =>
            {
                if (call.Operation == StoreOperation.Renew)
                {
                    renewed.TrySetResult((Thread.CurrentThread.IsThreadPoolThread, Thread.CurrentThread.Name, s_callers.Value));
                }
            },
        };
        using var guard = IdempotencyGuard.Create(store);
        var operation = new IdempotentOperation<int>("test.renewed") { Lease = TimeSpan.FromMilliseconds(300) };
        s_callers.Value = "a database context of the caller's scope";

        var call = guard.RunAsync(operation, "key", async _ =>
        {
            await renewed.Task;
            return 1;
        });

        Assert.Equal(1, await call);
        Assert.Equal((false, "Idempotency leases", null), await renewed.Task);
    }

    [Fact]
    public void A_lease_is_renewed_while_a_synchronous_body_blocks_its_thread()
    {
        using var renewals = new CountdownEvent(3);
        var store = new FaultInjectingStore(new MemoryStore())
        {
            Before = call =>
            {
                if (call.Operation == StoreOperation.Renew && !renewals.IsSet)
                {
                    renewals.Signal();
                }
            },
        };
        using var guard = IdempotencyGuard.Create(store);
        var operation = new IdempotentOperation<int>("test.blocking") { Lease = TimeSpan.FromMilliseconds(300) };

        var call = guard.RunAsync(operation, "key", _ =>
        {
            renewals.Wait();
            return Task.FromResult(1);
        });

        Assert.True(call.IsCompletedSuccessfully);
    }
}
