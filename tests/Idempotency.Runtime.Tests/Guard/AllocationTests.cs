using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>What calls allocate on a memory store, to the byte: a call that allocates more is slower wherever it runs.</summary>
[Collection(nameof(Unobserved))]
public sealed class AllocationTests : IDisposable
{
    private const int Calls = 2_000;

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");

    private static readonly IdempotentOperation<Receipt> s_charge = new("allocations.charge") { ResultIsImmutable = true };
    private static readonly IdempotentOperation<NoResult> s_send = new("allocations.send");
    private static readonly IdempotentOperation<int> s_count = new("allocations.count") { ResultIsImmutable = true };
    private static readonly IdempotentOperation<Receipt> s_wait = new("allocations.wait") { ResultIsImmutable = true, OnDuplicate = OnDuplicate.Wait };
    private static readonly Receipt s_receipt = new("order-1", 12.50m);

    private readonly IdempotencyGuard _guard = IdempotencyGuard.Create(new MemoryStore(), new IdempotencyOptions { MaxWaitersPerKey = Calls });

    public void Dispose() => _guard.Dispose();

    [Fact]
    public void A_duplicate_allocates_nothing() =>
        Assert.Equal(0, BytesOf(_ => Charge(order: "order-123456", cart: 0)));

    [Fact]
    public void A_duplicate_with_a_fingerprint_allocates_nothing() =>
        Assert.Equal(0, BytesOf(_ => Charge(order: "order-123456", cart: 7)));

    [Fact]
    public void A_duplicate_without_a_result_allocates_nothing() =>
        Assert.Equal(0, BytesOf(_ => Run(s_send, "mail 1", default(NoResult))));

    [Fact]
    public void A_duplicate_with_a_number_for_a_result_allocates_nothing() =>
        Assert.Equal(0, BytesOf(_ => Run(s_count, "counter 1", 42)));

    /// <remarks>
    /// <code>
    /// 104  the record
    ///  80  its arguments: 56 bytes, the operation's header not among them
    ///  96  the attempt, which is the body's context, the mark of its flow and what its lease is renewed by
    ///  72  the flow's context that carries the mark: 40, and its one value: 32
    /// </code>
    /// </remarks>
    [Fact]
    public void A_first_call_with_a_key_of_88_bytes_allocates_352() =>
        Assert.Equal(352, BytesOf(i => Charge(order: $"order-{i:000000}", cart: 0), exceptFor: i => $"order-{i:000000}"));

    [Fact]
    public void A_first_call_in_a_flow_that_carries_something_else_allocates_no_copy_of_it_but_its_place()
    {
        var callers = new AsyncLocal<object> { Value = this };

        Assert.Equal(352 + 16, BytesOf(i => Charge(order: $"order-{i:000000}", cart: 0), exceptFor: i => $"order-{i:000000}"));
        Assert.Same(this, callers.Value);
    }

    /// <summary>What waits for the body remembers no more than it needs.</summary>
    [Fact]
    public void A_first_call_whose_body_is_not_done_at_once_allocates_192_more()
    {
        var tests = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // what waits goes on where the gate is opened
        var gates = Enumerable.Range(0, Calls).Select(static _ => new TaskCompletionSource<Receipt>()).ToArray();

        Assert.Equal(352 + 192, BytesOf(i => ChargeLater($"order-{i:000000}", gates[i]), exceptFor: i => $"order-{i:000000}"));
        SynchronizationContext.SetSynchronizationContext(tests);
    }

    /// <summary>One small task for each of those who wait, however many: what wakes them is there once for all.</summary>
    [Fact]
    public async Task A_call_that_waits_for_another_allocates_184()
    {
        var gate = new TaskCompletionSource<Receipt>();
        var owner = WaitFor(gate);
        var waiters = new Task<Receipt>[Calls];

        Assert.Equal(184, BytesOf(i => waiters[i] = WaitFor(gate)));

        gate.SetResult(s_receipt);
        Assert.All(await Task.WhenAll(waiters), static receipt => Assert.Same(s_receipt, receipt));
        Assert.Same(s_receipt, await owner);
    }

    [Fact]
    public async Task A_call_that_waits_and_can_be_cancelled_allocates_368()
    {
        using var caller = new CancellationTokenSource();
        var gate = new TaskCompletionSource<Receipt>();
        var owner = WaitFor(gate);
        var waiters = new Task<Receipt>[Calls];

        Assert.Equal(184 + 184, BytesOf(i => waiters[i] = WaitFor(gate, caller.Token)));

        gate.SetResult(s_receipt);
        Assert.All(await Task.WhenAll(waiters), static receipt => Assert.Same(s_receipt, receipt));
        await owner;
    }

    /// <summary>What most calls allocate: in some of them a table grows.</summary>
    private static long BytesOf<T>(Func<int, T> call, Func<int, string>? exceptFor = null)
    {
        var bytes = new long[Calls];
        for (var i = 0; i < Calls; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            call(i);
            bytes[i] = GC.GetAllocatedBytesForCurrentThread() - before;
            before = GC.GetAllocatedBytesForCurrentThread();
            exceptFor?.Invoke(i);
            bytes[i] -= GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return bytes[(Calls / 2)..].Order().ElementAt(Calls / 4);
    }

    private Receipt Charge(string order, int cart)
    {
        var key = new KeyWriter(s_charge.KeyHeader, stackalloc byte[256]);
        Add(ref key, order);
        if (cart > 0)
        {
            key.BeginFingerprint();
            key.Add(cart);
        }

        var call = _guard.RunAsync(s_charge, ref key, s_receipt, static (receipt, _) => new ValueTask<Receipt>(receipt));
        return call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waits.");
    }

    private Receipt ChargeLater(string order, TaskCompletionSource<Receipt> gate)
    {
        var key = new KeyWriter(s_charge.KeyHeader, stackalloc byte[256]);
        Add(ref key, order);
        var call = _guard.RunAsync(s_charge, ref key, gate, static (gate, _) => new ValueTask<Receipt>(gate.Task));
        Assert.False(call.IsCompleted);
        gate.SetResult(s_receipt);
        return call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waits for something else.");
    }

    private Task<Receipt> WaitFor(TaskCompletionSource<Receipt> gate, CancellationToken cancellationToken = default)
    {
        var key = new KeyWriter(s_wait.KeyHeader, stackalloc byte[256]);
        Add(ref key, "order-123456");
        return _guard.RunAsync(s_wait, ref key, gate, static (gate, _) => new ValueTask<Receipt>(gate.Task), cancellationToken).AsTask();
    }

    private static void Add(ref KeyWriter key, string order)
    {
        key.Add(42);
        key.Add(12.50m);
        key.Add(order);
        key.Add(s_requestId);
    }

    private TResult Run<TResult>(IdempotentOperation<TResult> operation, string argument, TResult result)
    {
        var key = new KeyWriter(operation.KeyHeader, stackalloc byte[256]);
        key.Add(argument);
        var call = _guard.RunAsync(operation, ref key, result, static (result, _) => new ValueTask<TResult>(result));
        return call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waits.");
    }

    private sealed record Receipt(string OrderId, decimal Amount);
}
