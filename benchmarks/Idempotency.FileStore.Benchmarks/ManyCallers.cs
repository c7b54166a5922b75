using System.Diagnostics;
using System.Globalization;

namespace Idempotency.FileStoreBenchmarks;

/// <summary>How many calls a second one process makes with many callers, and two processes together.</summary>
internal static class ManyCallers
{
    private const int Rounds = 4, Many = 64;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    public static async Task<IEnumerable<Result>> RunAsync(string root)
    {
        var (one, many, alone, two) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var directory = Path.Combine(root, $"many-{round}");
            double single, together;
            using (var store = Calls.Open(directory, FileDurability.PowerLoss))
            {
                single = await RateAsync(store, $"single/{round}", 1);
                together = await RateAsync(store, $"many/{round}", Many);
            }

            var oneProcess = await OtherProcess.RateAsync(directory, "alone", Many);
            var both = (await Task.WhenAll(OtherProcess.RateAsync(directory, "a", Many), OtherProcess.RateAsync(directory, "b", Many))).Sum();
            if (round > 0)
            {
                one.Add(single);
                many.Add(together);
                alone.Add(oneProcess);
                two.Add(both);
            }
        }

        var (of1, of64, ofOneProcess, ofTwo) = (one.Median(), many.Median(), alone.Median(), two.Median());
        return
        [
            new($"{Many} callers", PerSecond(of64), $"one caller: {PerSecond(of1)}", of64 / of1, "≥ 12"),
            new($"two processes with {Many} callers each", PerSecond(ofTwo), $"one such process: {PerSecond(ofOneProcess)}", ofTwo / ofOneProcess, "≥ 1.15"),
        ];
    }

    /// <summary>Calls a second of so many callers, each with keys of its own.</summary>
    public static async Task<double> RateAsync(FileStore store, string name, int callers)
    {
        var calls = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; Stopwatch.GetElapsedTime(start) < s_round; i++)
            {
                await Calls.FreshAsync(store, Calls.Key($"{name}/{caller}", i));
                Interlocked.Increment(ref calls);
            }
        })));
        return calls / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string PerSecond(double rate) => string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s");
}
