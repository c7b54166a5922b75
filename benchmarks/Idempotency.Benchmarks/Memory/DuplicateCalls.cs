using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Calls whose outcome is known, of a thousand keys in turn, beside what finds one with less ado and what people write by hand.</summary>
public class DuplicateCalls
{
    private const int Calls = 100 * Keys;
    private const int Keys = 1024;

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly string[] s_orders = [.. Enumerable.Range(0, Keys).Select(static i => $"order-{i:000000}")];
    private static readonly string[] s_texts = [.. Enumerable.Range(0, Keys).Select(static i => $"order-{i:00000000000000}")];

    private readonly Charges _charges = new(IdempotencyGuard.Create(new MemoryStore()));
    private readonly ConcurrentDictionary<byte[], Receipt> _byBytes = new(CanonicalBytes.Instance);
    private readonly ConcurrentDictionary<string, Receipt> _byText = new();
    private readonly ByHand _byHand = new();
    private readonly byte[][] _bytes = new byte[Keys][];
    private Receipt? _last;

    [GlobalSetup]
    public void Setup()
    {
        Span<byte> buffer = stackalloc byte[256];
        for (var i = 0; i < Keys; i++)
        {
            _bytes[i] = CanonicalBytes.Of(buffer, new byte[32], 42, 12.50m, s_orders[i], s_requestId).ToArray();
            _byBytes[_bytes[i]] = _byText[s_texts[i]] = new Receipt(s_orders[i], 12.50m);
        }
    }

    /// <summary>The canonical bytes are at hand; all that is left is to find them.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void BytesInDictionary()
    {
        var lookup = _byBytes.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var i = 0; i < Calls; i++)
        {
            lookup.TryGetValue(_bytes[i % Keys], out _last);
        }
    }

    /// <summary>A string of 20 characters is at hand.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void TextInDictionary()
    {
        for (var i = 0; i < Calls; i++)
        {
            _byText.TryGetValue(s_texts[i % Keys], out _last);
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void LazyTask()
    {
        for (var i = 0; i < Calls; i++)
        {
            _last = _byHand.ChargeLazilyAsync(42, 12.50m, s_orders[i % Keys], s_requestId).Result;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void CachedLazyTask()
    {
        for (var i = 0; i < Calls; i++)
        {
            _last = _byHand.ChargeCachedAsync(42, 12.50m, s_orders[i % Keys], s_requestId).Result;
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Guarded()
    {
        for (var i = 0; i < Calls; i++)
        {
            _last = Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, s_orders[i % Keys], s_requestId));
        }
    }
}
