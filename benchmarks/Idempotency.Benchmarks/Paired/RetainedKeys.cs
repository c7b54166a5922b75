using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Idempotency.Benchmarks.Workloads;

namespace Idempotency.Benchmarks.Paired;

/// <summary>What a million remembered keys of 88 bytes take in memory, and how long the slowest call took while they were added.</summary>
internal static class RetainedKeys
{
    private const int Keys = 1_000_000;

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly Receipt s_receipt = new("order-123456", 12.50m);

    public static void Print()
    {
        Console.WriteLine($"{"A million keys",-28}{"bytes each",12}{"slowest ms",12}");
        for (var turn = 0; turn < 3; turn++)
        {
            Print("Guarded", static () =>
            {
                var receipts = new Receipts(IdempotencyGuard.Create(new MemoryStore(new MemoryStoreOptions { Capacity = 2 * Keys })));
                return (receipts, i => Charges.ResultOf(receipts.GetAsync(i, 12.50m, "order-123456", s_requestId)));
            });
            Print("BytesAddedToDictionary", static () =>
            {
                var dictionary = new ConcurrentDictionary<byte[], Receipt>(CanonicalBytes.Instance);
                return (dictionary, i =>
                {
                    Span<byte> buffer = stackalloc byte[256];
                    dictionary.TryAdd(CanonicalBytes.Of(buffer, new byte[32], i, 12.50m, "order-123456", s_requestId).ToArray(), s_receipt);
                });
            });
        }

        Console.WriteLine();
    }

    /// <summary>The result itself is one for all keys, so that only what remembers it counts.</summary>
    public static ValueTask<Receipt> Result => new(s_receipt);

    private static void Print(string what, Func<(object Kept, Action<int> Call)> make)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (kept, call) = make();
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < Keys; i++)
        {
            var started = Stopwatch.GetTimestamp();
            call(i);
            var elapsed = Stopwatch.GetElapsedTime(started);
            slowest = elapsed > slowest ? elapsed : slowest;
        }

        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Keys;
        GC.KeepAlive(kept);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-26}{bytes,12:0.0}{slowest.TotalMilliseconds,12:0.0}"));
    }
}

/// <summary>A method whose results are all one object.</summary>
public sealed partial class Receipts(IdempotencyGuard guard)
{
    [Idempotent(Name = "benchmarks.receipt")]
    public partial ValueTask<Receipt> GetAsync(int userId, decimal amount, string orderId, Guid requestId);

#pragma warning disable IDE0060 // the key is made of them
    private static ValueTask<Receipt> GetCoreAsync(int userId, decimal amount, string orderId, Guid requestId) => RetainedKeys.Result;
#pragma warning restore IDE0060
}
