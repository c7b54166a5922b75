using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks;

/// <summary>A call with a key of its own, beside adding a result to a dictionary; both grow from empty.</summary>
[InvocationCount(1, 1)]
public class FreshCall
{
    private const int Calls = 100_000;

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly string[] s_orders = [.. Enumerable.Range(0, Calls).Select(i => $"order-1234567{i:000000}")];

    private ConcurrentDictionary<string, Receipt> _dictionary = new();
    private Charges _charges = new(IdempotencyGuard.Create(new MemoryStore()));

    [IterationSetup]
    public void Setup()
    {
        _dictionary = new();
        _charges = new(IdempotencyGuard.Create(new MemoryStore()));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void DictionaryAdd()
    {
        foreach (var order in s_orders)
        {
            _dictionary.TryAdd(order, new Receipt(order, 12.50m));
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void BareCall()
    {
        foreach (var order in s_orders)
        {
            Charges.ResultOf(_charges.ChargeBareAsync(42, 12.50m, order, s_requestId));
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void GuardedFresh()
    {
        foreach (var order in s_orders)
        {
            Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, order, s_requestId));
        }
    }
}
