namespace Idempotency.Benchmarks.Reporting;

internal static class Statistics
{
    /// <summary>The middle one, which what disturbed a few of them does not move.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
