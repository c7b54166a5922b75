using System.Diagnostics;

namespace Idempotency.Generator.Benchmarks;

/// <summary>Takes times one after the other and keeps the middle one: a shared machine makes some of them long and none short.</summary>
internal static class Measure
{
    public static TimeSpan Median(int times, Func<TimeSpan> once)
    {
        var taken = Enumerable.Range(0, times).Select(_ => Settled(once)).Order().ToArray();
        return taken[taken.Length / 2];
    }

    public static TimeSpan Of(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }

    // What the last round left behind is not this one's to clean up.
    private static TimeSpan Settled(Func<TimeSpan> once)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return once();
    }
}
