using System.Diagnostics;
using System.Globalization;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The program that Redis is measured with: a client that costs next to nothing.</summary>
internal static class RedisBenchmark
{
    /// <summary><c>SET NX EX</c> of ever new keys, a second.</summary>
    public static double SetIfNone(int port, int callers)
    {
        string[] arguments =
        [
            "-h", "127.0.0.1", "-p", $"{port}", "-c", $"{callers}", "-n", "200000", "-r", "1000000000", "-q", "--csv",
            "SET", "ids:__rand_int__", "1", "NX", "EX", "3600",
        ];
        using var process = Process.Start(new ProcessStartInfo("redis-benchmark", arguments) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var figures = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last().Split("\",\"");
        return double.TryParse(figures.ElementAtOrDefault(1), CultureInfo.InvariantCulture, out var rate)
            ? rate
            : throw new InvalidOperationException($"redis-benchmark said no rate:\n{said}");
    }
}
