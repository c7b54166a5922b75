namespace Idempotency.Benchmarks.Load;

/// <summary>How many calls a second were made, and how long they took each. Programs that only tell the former have no latencies.</summary>
internal sealed record Rate(double PerSecond, Latencies Latencies)
{
    /// <summary>Of several that were measured at the same time.</summary>
    public static Rate Together(IEnumerable<Rate> rates)
    {
        var (perSecond, latencies) = (0.0, new Latencies());
        foreach (var rate in rates)
        {
            perSecond += rate.PerSecond;
            latencies.Add(rate.Latencies);
        }

        return new Rate(perSecond, latencies);
    }
}
