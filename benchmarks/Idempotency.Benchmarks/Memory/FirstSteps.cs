using BenchmarkDotNet.Attributes;
using Idempotency.Execution;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What a first call's way consists of, each step with the ones before it, in stores that grow from empty.</summary>
[InvocationCount(1, 1)]
public class FirstSteps
{
    private const int Calls = 200_000;

    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30), s_retention = TimeSpan.FromHours(24);
    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly string[] s_orders = [.. Enumerable.Range(0, Calls).Select(static i => $"order-{i:000000}")];
    private static readonly IdempotentOperation<Receipt> s_operation = new("benchmarks.charge");
    private static readonly KeySpace s_space = s_operation.SpaceOf(new KeyHasher(secret: null));
    private static readonly IdempotencyTelemetry s_telemetry = new(TimeProvider.System, loggers: null, meters: null);

    private MemoryStore _store = null!;
    private StoreCalls _calls = null!;
    private LeaseKeeper _leases = null!;
    private Charges _charges = null!;
    private long _sum;

    [IterationSetup]
    public void Empty()
    {
        _store = new();
        _calls = new(_store, name: null, TimeSpan.FromSeconds(5), TimeProvider.System, s_telemetry);
        _leases?.Dispose();
        _leases = new(TimeProvider.System, TimeSpan.FromDays(1), s_telemetry);
        _charges = new(IdempotencyGuard.Create(new MemoryStore()));
    }

    /// <summary>The key is written and its hash is taken.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void Key()
    {
        Span<byte> buffer = stackalloc byte[256];
        foreach (var order in s_orders)
        {
            var key = new KeyWriter(s_operation.KeyHeader, buffer);
            _sum += HashOf(ref key, order);
        }
    }

    /// <summary>And a record is added under it.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void Claim()
    {
        foreach (var order in s_orders)
        {
            Claim(order);
        }
    }

    /// <summary>And completed with a result.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void Complete()
    {
        foreach (var order in s_orders)
        {
            Complete(Claim(order), order);
        }
    }

    /// <summary>And between the two the flow is marked, so that a call of its own key inside the body is found out.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void Mark()
    {
        foreach (var order in s_orders)
        {
            var grant = Claim(order);
            Hold(new MemoryAttempt(_calls, grant, s_lease, claimSent: 0));
            Complete(grant, order);
        }
    }

    /// <summary>And the lease is watched, from when the claim was made.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void Lease()
    {
        foreach (var order in s_orders)
        {
            var sent = TimeProvider.System.GetTimestamp();
            var grant = Claim(order);
            var attempt = new MemoryAttempt(_calls, grant, s_lease, sent);
            _leases.Keep(attempt);
            Hold(attempt);
            Complete(grant, order);
            _leases.Forget(attempt);
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Guarded()
    {
        foreach (var order in s_orders)
        {
            Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, order, s_requestId));
        }
    }

    private static void Hold(MemoryAttempt attempt)
    {
        var flow = ExecutionContext.Capture()!;
        attempt.Hold();
        attempt.BeginBody();
        ExecutionContext.Restore(flow);
        attempt.EndBody();
        attempt.EndHold();
    }

    private MemoryGrant Claim(string order)
    {
        var key = new KeyWriter(s_operation.KeyHeader, stackalloc byte[256]);
        var hash = HashOf(ref key, order);
        return _store.Table.TryBegin(new MemoryKey(s_space, key.Arguments, hash), [], s_lease)!.Value;
    }

    private void Complete(MemoryGrant grant, string order) => _store.Table.TryComplete(grant.Record, grant.Fence, new Receipt(order, 12.50m), s_retention);

    private static int HashOf(ref KeyWriter key, string order)
    {
        key.Add(42);
        key.Add(12.50m);
        key.Add(order);
        key.Add(s_requestId);
        return MemoryKey.HashOf(s_space, key.Arguments);
    }
}
