using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Calls that each have a key of their own, in stores that grow from empty.</summary>
[InvocationCount(1, 1)]
public class FirstCalls
{
    private const int Calls = 200_000;

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly string[] s_orders = [.. Enumerable.Range(0, Calls).Select(static i => $"order-{i:000000}")];

    private Charges _charges = null!;
    private ByHand _byHand = null!;
    private ConcurrentDictionary<byte[], Receipt> _byBytes = null!;

    [IterationSetup]
    public void Empty()
    {
        _charges = new(IdempotencyGuard.Create(new MemoryStore()));
        _byHand = new();
        _byBytes = new(CanonicalBytes.Instance);
    }

    /// <summary>The key is made in place and added with its result.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void BytesAddedToDictionary()
    {
        var lookup = _byBytes.GetAlternateLookup<ReadOnlySpan<byte>>();
        ReadOnlySpan<byte> header = stackalloc byte[32];
        Span<byte> buffer = stackalloc byte[256];
        foreach (var order in s_orders)
        {
            lookup.TryAdd(CanonicalBytes.Of(buffer, header, 42, 12.50m, order, s_requestId), new Receipt(order, 12.50m));
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void LazyTask()
    {
        foreach (var order in s_orders)
        {
            _ = _byHand.ChargeLazilyAsync(42, 12.50m, order, s_requestId).Result;
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
}
