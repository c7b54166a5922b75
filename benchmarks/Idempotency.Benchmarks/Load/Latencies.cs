using System.Globalization;
using System.Numerics;

namespace Idempotency.Benchmarks.Load;

/// <summary>How many calls took how long, to within three percent.</summary>
internal sealed class Latencies
{
    /// <summary>Into how many steps each doubling is divided.</summary>
    private const int Steps = 32;
    private static readonly int s_stepBits = BitOperations.Log2(Steps);

    private readonly long[] _counts = new long[(64 - s_stepBits) * Steps];

    public long Count { get; private set; }

    public static Latencies Parse(string text)
    {
        var latencies = new Latencies();
        foreach (var pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split(':');
            latencies.Add(int.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        return latencies;
    }

    public void Add(TimeSpan time) => Add(IndexOf((long)time.TotalNanoseconds), 1);

    public void Add(Latencies others)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            Add(i, others._counts[i]);
        }
    }

    /// <summary>The nanoseconds that this share of the calls did not exceed; <see langword="null"/> of no calls.</summary>
    public double? Percentile(double share)
    {
        var below = (long)Math.Ceiling(Count * share);
        for (var i = 0; i < _counts.Length && Count > 0; i++)
        {
            below -= _counts[i];
            if (below <= 0)
            {
                return NanosecondsOf(i);
            }
        }

        return null;
    }

    public override string ToString() =>
        string.Join(' ', _counts.Index().Where(static step => step.Item > 0).Select(static step => string.Create(CultureInfo.InvariantCulture, $"{step.Index}:{step.Item}")));

    private void Add(int index, long count)
    {
        _counts[index] += count;
        Count += count;
    }

    private static int IndexOf(long nanoseconds)
    {
        var doublings = Math.Max(0, BitOperations.Log2((ulong)nanoseconds) - s_stepBits);
        return (doublings * Steps) + (int)(nanoseconds >> doublings);
    }

    /// <summary>The longest time that is counted there.</summary>
    private static long NanosecondsOf(int index)
    {
        var doublings = Math.Max(0, (index / Steps) - 1);
        return ((index - (doublings * Steps) + 1L) << doublings) - 1;
    }
}
