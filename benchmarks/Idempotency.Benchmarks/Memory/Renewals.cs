using System.Diagnostics;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What it takes to renew the leases of 10,000 keys in progress, with the default lease of 30 seconds.</summary>
internal static class Renewals
{
    private const int Keys = 10_000;

    /// <param name="times">How often every key is renewed meanwhile.</param>
    /// <returns>The share of one core.</returns>
    public static double Measure(int times)
    {
        using var guard = IdempotencyGuard.Create(new MemoryStore());
        var operation = new IdempotentOperation<int>("benchmarks.renewed");
        var end = new TaskCompletionSource<int>();
        var calls = Enumerable.Range(0, Keys).Select(i => guard.RunAsync(operation, $"key {i}", _ => end.Task)).ToArray();
        var process = Process.GetCurrentProcess();
        var (before, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        Thread.Sleep(TimeSpan.FromSeconds((times * 10) + 0.5)); // what is measured is what others do meanwhile
        process.Refresh();
        var share = (process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(started);
        end.SetResult(1);
        Task.WaitAll(calls);
        return share;
    }
}
