using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Two threads on keys of their own, beside one; and what a plain dictionary makes of a second thread.</summary>
[InvocationCount(1, 1)]
public class TwoThreads
{
    private const int Calls = 200_000, Both = 2 * Calls, Replays = 10, First = 1024;

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly string[] s_orders = [.. Enumerable.Range(0, First + Both).Select(static i => $"order-{i:000000}")];

    private Charges _charges = null!;
    private ConcurrentDictionary<byte[], Receipt> _byBytes = null!;

    [IterationSetup]
    public void Empty()
    {
        _charges = new(IdempotencyGuard.Create(new MemoryStore()));
        _byBytes = new(CanonicalBytes.Instance);
        Charge(0, First);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Replays * Calls)]
    public void OneReplays() => Replay(0);

    [Benchmark(OperationsPerInvoke = Replays * Both)]
    public void TwoReplay() => Parallelize(static (calls, half) => calls.Replay(half * 512));

    [Benchmark(OperationsPerInvoke = Calls)]
    public void OneCharges() => Charge(First, First + Calls);

    [Benchmark(OperationsPerInvoke = Both)]
    public void TwoCharge() => Parallelize(static (calls, half) => calls.Charge(First + (half * Calls), First + ((half + 1) * Calls)));

    [Benchmark(OperationsPerInvoke = Calls)]
    public void OneAdds() => Add(0);

    [Benchmark(OperationsPerInvoke = Both)]
    public void TwoAdd() => Parallelize(static (calls, half) => calls.Add(half * Calls));

    private void Parallelize(Action<TwoThreads, int> work)
    {
        var other = new Thread(() => work(this, 1));
        other.Start();
        work(this, 0);
        other.Join();
    }

    private void Replay(int first)
    {
        for (var i = 0; i < Replays * Calls; i++)
        {
            Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, s_orders[first + (i % 512)], s_requestId));
        }
    }

    private void Charge(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, s_orders[i], s_requestId));
        }
    }

    private void Add(int first)
    {
        var lookup = _byBytes.GetAlternateLookup<ReadOnlySpan<byte>>();
        ReadOnlySpan<byte> header = stackalloc byte[32];
        Span<byte> buffer = stackalloc byte[256];
        for (var i = first; i < first + Calls; i++)
        {
            lookup.TryAdd(CanonicalBytes.Of(buffer, header, 42, 12.50m, s_orders[i], s_requestId), new Receipt(s_orders[i], 12.50m));
        }
    }
}
