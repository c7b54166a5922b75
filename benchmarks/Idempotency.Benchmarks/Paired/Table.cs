using System.Globalization;

namespace Idempotency.Benchmarks.Paired;

/// <summary>What every way of a workload takes, beside the first of them.</summary>
internal static class Table
{
    public static void Print<TWorkload>(int turns)
        where TWorkload : new()
    {
        var comparison = Comparison.Of<TWorkload>(turns);
        var baseline = comparison.Ways.First();
        Console.WriteLine($"{typeof(TWorkload).Name,-28}{"ns",10}{"bytes",10}{"ratio",10}");
        foreach (var way in comparison.Ways)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {way,-26}{comparison.NanosecondsOf(way),10:0.0}{comparison.BytesOf(way),10:0}{comparison.Ratio(way, baseline),10:0.00}"));
        }

        Console.WriteLine();
    }
}
