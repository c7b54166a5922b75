using System.Diagnostics;

namespace Idempotency.StoresBenchmarks;

/// <summary>Callers that each make one call after the other, and how many calls a second that is.</summary>
internal static class Load
{
    private const int Rounds = 5;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.3), s_length = TimeSpan.FromSeconds(0.7);

    /// <summary>Measures several kinds of calls in turns, so that what disturbs one disturbs all, and takes the median of each.</summary>
    public static Task<double[]> CompareAsync(int callers, params Func<Task>[] kinds) =>
        MediansAsync([.. kinds.Select(kind => (Func<Task<double>>)(() => MeasureAsync(callers, kind)))]);

    /// <summary>As <see cref="CompareAsync"/>, for kinds of which some are measured in another way.</summary>
    public static async Task<double[]> MediansAsync(params Func<Task<double>>[] kinds)
    {
        var rates = kinds.Select(static _ => new List<double>()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var kind = 0; kind < kinds.Length; kind++)
            {
                rates[kind].Add(await kinds[kind]());
            }
        }

        return [.. rates.Select(static of => of.Order().ElementAt(Rounds / 2))];
    }

    /// <summary>Calls a second.</summary>
    public static async Task<double> MeasureAsync(int callers, Func<Task> call)
    {
        var (calls, isOver) = (0L, false);
        var loops = Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                await call();
                Interlocked.Increment(ref calls);
            }
        })).ToArray();
        await Task.Delay(s_warmUp);
        var (before, began) = (Interlocked.Read(ref calls), Stopwatch.GetTimestamp());
        await Task.Delay(s_length);
        var rate = (Interlocked.Read(ref calls) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(loops);
        return rate;
    }
}
