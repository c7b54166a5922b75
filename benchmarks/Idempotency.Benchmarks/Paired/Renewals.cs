using System.Diagnostics;
using System.Globalization;

namespace Idempotency.Benchmarks.Paired;

/// <summary>What it takes to renew the leases of 10,000 keys in progress, with the default lease of 30 seconds.</summary>
internal static class Renewals
{
    private const int Keys = 10_000;

    /// <summary>Two renewals of every key.</summary>
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(20.5);

    public static void Print()
    {
        using var guard = IdempotencyGuard.Create(new MemoryStore());
        var operation = new IdempotentOperation<int>("benchmarks.renewed");
        var end = new TaskCompletionSource<int>();
        var calls = Enumerable.Range(0, Keys).Select(i => guard.RunAsync(operation, $"key {i}", _ => end.Task)).ToArray();
        var process = Process.GetCurrentProcess();
        var threads = process.Threads.Count;
        var (before, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        Thread.Sleep(s_length); // what is measured is what others do meanwhile
        process.Refresh();
        var share = (process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(started);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"10,000 keys in progress: {share:0.00%} of a core, {process.Threads.Count - threads:+0;-0;0} threads while renewing"));
        end.SetResult(1);
        Task.WaitAll(calls);
    }
}
