using System.Diagnostics;

namespace Idempotency.Benchmarks.Load;

/// <summary>Callers that each make one call after the other: a closed loop.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="WarmUp">How long they call before anything is counted.</param>
/// <param name="Length">How long they are counted.</param>
internal sealed record Callers(int Count, TimeSpan WarmUp, TimeSpan Length)
{
    /// <summary>How long a caller goes on before it lets others have its thread.</summary>
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(1);

    public async Task<Rate> MeasureAsync(Func<Task> call)
    {
        var (isCounting, isOver) = (false, false);
        var callers = Enumerable.Range(0, Count).Select(_ => Task.Run(async () =>
        {
            var latencies = new Latencies();
            var since = Stopwatch.GetTimestamp();
            while (!Volatile.Read(ref isOver))
            {
                var began = Stopwatch.GetTimestamp();
                await call();
                var elapsed = Stopwatch.GetElapsedTime(began);
                if (Stopwatch.GetElapsedTime(since) > s_turn)
                {
                    await Task.Yield(); // where calls never wait, the others would not get a thread
                    since = Stopwatch.GetTimestamp();
                }

                if (Volatile.Read(ref isCounting))
                {
                    latencies.Add(elapsed);
                }
            }

            return latencies;
        })).ToArray();
        await Task.Delay(WarmUp);
        var started = Stopwatch.GetTimestamp();
        Volatile.Write(ref isCounting, true);
        await Task.Delay(Length);
        Volatile.Write(ref isCounting, false);
        Volatile.Write(ref isOver, true);
        var length = Stopwatch.GetElapsedTime(started);
        var all = new Latencies();
        Array.ForEach(await Task.WhenAll(callers), all.Add);
        return new Rate(all.Count / length.TotalSeconds, all);
    }
}
