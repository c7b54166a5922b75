using BenchmarkDotNet.Attributes;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What a duplicate's way consists of, each step with the ones before it.</summary>
public class Steps
{
    private const int Calls = 100_000;
    private const string Order = "order-123456";

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly IdempotentOperation<Receipt> s_operation = new("benchmarks.charge");
    private static readonly KeySpace s_space = s_operation.SpaceOf(new KeyHasher(secret: null));

    private readonly Charges _charges = new(IdempotencyGuard.Create(new MemoryStore()));
    private readonly MemoryStore _store = new();
    private long _sum;

    [GlobalSetup]
    public void Setup()
    {
        var key = new KeyWriter(s_operation.KeyHeader, stackalloc byte[256]);
        Write(ref key);
        var grant = _store.Table.TryBegin(
            new MemoryKey(s_space, key.Arguments, MemoryKey.HashOf(s_space, key.Arguments)), [], TimeSpan.FromHours(1))!.Value;
        _store.Table.TryComplete(grant.Record, grant.Fence, new Receipt(Order, 12.50m), TimeSpan.FromHours(1));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void Writer()
    {
        Span<byte> buffer = stackalloc byte[256];
        for (var i = 0; i < Calls; i++)
        {
            var key = new KeyWriter(s_operation.KeyHeader, buffer);
            _sum += key.Arguments.Length;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Arguments()
    {
        Span<byte> buffer = stackalloc byte[256];
        for (var i = 0; i < Calls; i++)
        {
            var key = new KeyWriter(s_operation.KeyHeader, buffer);
            Write(ref key);
            _sum += key.Arguments.Length;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Hash()
    {
        Span<byte> buffer = stackalloc byte[256];
        for (var i = 0; i < Calls; i++)
        {
            var key = new KeyWriter(s_operation.KeyHeader, buffer);
            Write(ref key);
            _sum += MemoryKey.HashOf(s_space, key.Arguments);
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Find()
    {
        Span<byte> buffer = stackalloc byte[256];
        for (var i = 0; i < Calls; i++)
        {
            var key = new KeyWriter(s_operation.KeyHeader, buffer);
            Write(ref key);
            _sum += _store.Table.Peek(s_space, key.Arguments, MemoryKey.HashOf(s_space, key.Arguments))!.Hash;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Recall()
    {
        Span<byte> buffer = stackalloc byte[256];
        for (var i = 0; i < Calls; i++)
        {
            var key = new KeyWriter(s_operation.KeyHeader, buffer);
            Write(ref key);
            var record = _store.Table.Peek(s_space, key.Arguments, MemoryKey.HashOf(s_space, key.Arguments))!;
            _sum += record.TryRecall(_store.Clock, out var outcome) && outcome is Receipt ? 1 : 0;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Guarded()
    {
        for (var i = 0; i < Calls; i++)
        {
            _sum += Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, Order, s_requestId)).OrderId.Length;
        }
    }

    private static void Write(ref KeyWriter key)
    {
        key.Add(42);
        key.Add(12.50m);
        key.Add(Order);
        key.Add(s_requestId);
    }
}
