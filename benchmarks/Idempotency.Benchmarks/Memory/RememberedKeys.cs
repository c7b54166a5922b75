using System.Collections.Concurrent;
using System.Diagnostics;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Calls of keys of 88 bytes that are all remembered: guarded, or in a plain dictionary.</summary>
/// <param name="Kept">What must live as long as they are counted.</param>
/// <param name="First">Makes the call of one key, whose result is then remembered.</param>
/// <param name="Again">Makes it again.</param>
internal sealed record RememberedKeys(object Kept, Action<int> First, Action<int> Again)
{
    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");

    public static RememberedKeys ByGuard(int capacity)
    {
        var receipts = new Receipts(IdempotencyGuard.Create(new MemoryStore(new MemoryStoreOptions { Capacity = capacity })));
        return new(receipts, Call, Call);

        void Call(int i) => Charges.ResultOf(receipts.GetAsync(i, 12.50m, "order-123456", s_requestId));
    }

    public static RememberedKeys ByDictionary()
    {
        var dictionary = new ConcurrentDictionary<byte[], Receipt>(CanonicalBytes.Instance);
        var lookup = dictionary.GetAlternateLookup<ReadOnlySpan<byte>>();
        var header = new byte[32];
        return new(
            dictionary,
            i =>
            {
                Span<byte> buffer = stackalloc byte[256];
                lookup.TryAdd(CanonicalBytes.Of(buffer, header, i, 12.50m, "order-123456", s_requestId), Receipts.Only);
            },
            i =>
            {
                Span<byte> buffer = stackalloc byte[256];
                lookup.TryGetValue(CanonicalBytes.Of(buffer, header, i, 12.50m, "order-123456", s_requestId), out _);
            });
    }

    /// <summary>Fills it with so many keys.</summary>
    public Growth Fill(int keys)
    {
        var (slowest, began) = (0L, Stopwatch.GetTimestamp());
        for (var i = 0; i < keys; i++)
        {
            var started = Stopwatch.GetTimestamp();
            First(i);
            slowest = Math.Max(slowest, Stopwatch.GetTimestamp() - started);
        }

        return new Growth(Stopwatch.GetElapsedTime(began).TotalNanoseconds / keys, Stopwatch.GetElapsedTime(0, slowest).TotalNanoseconds);
    }

    /// <summary>The nanoseconds of one of many calls that ask for its keys in scattered order.</summary>
    public double Ask(int times, int keys)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
        {
            Again((int)(i * 7_368_787L % keys)); // a prime, so that every key is asked for before any twice
        }

        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / times;
    }

    /// <param name="Each">The nanoseconds of a call, with the clock read twice.</param>
    /// <param name="Slowest">Those of the slowest.</param>
    internal readonly record struct Growth(double Each, double Slowest);
}
