using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks;

/// <summary>A call whose outcome is stored, beside finding a result in a dictionary by a string that is at hand.</summary>
public class DuplicateCall
{
    private const string OrderId = "order-1234567890-abc";

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");

    private readonly ConcurrentDictionary<string, Receipt> _dictionary = new();
    private readonly Charges _charges = new(IdempotencyGuard.Create(new MemoryStore()));

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _dictionary[OrderId] = new Receipt(OrderId, 12.50m);
        await _charges.ChargeAsync(42, 12.50m, OrderId, s_requestId);
    }

    [Benchmark(Baseline = true)]
    public Receipt DictionaryHit() => _dictionary[OrderId];

    [Benchmark]
    public Receipt BareCall() => Charges.ResultOf(_charges.ChargeBareAsync(42, 12.50m, OrderId, s_requestId));

    [Benchmark]
    public Receipt GuardedDuplicate() => Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, OrderId, s_requestId));
}
