using System.Diagnostics;
using System.Globalization;

namespace Idempotency.FileStoreBenchmarks;

/// <summary>What a million keys cost: each call, opening the store, memory and disk.</summary>
internal static class ManyKeys
{
    private const int Few = 1000, Many = 1_000_000, Measured = 20_000;

    public static IEnumerable<Result> Run(string root)
    {
        var (few, many) = (Path.Combine(root, "few"), Path.Combine(root, "many"));
        double ofFew, ofMany, bytes, longest;
        using (var small = Calls.Open(few, FileDurability.ProcessCrash))
        {
            Fill(small, Few);
            using var large = Calls.Open(many, FileDurability.ProcessCrash);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            longest = Fill(large, Many);
            bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Many;
            (ofFew, ofMany) = InTurns(small, large);
        }

        yield return new("a call at a million keys, `ProcessCrash`", Us(ofMany), $"at a thousand: {Us(ofFew)}", ofMany / ofFew, "≤ 1.3");
        yield return new("the longest of the million calls", string.Create(CultureInfo.InvariantCulture, $"{longest / 1000:F1} ms"), "", null, "");
        yield return new("memory for a key", string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} bytes, with 100 of outcome"), "", null, "≤ 300");
        foreach (var result in Opened(many))
        {
            yield return result;
        }
    }

    private static IEnumerable<Result> Opened(string directory)
    {
        var times = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            using var store = Calls.Open(directory, FileDurability.ProcessCrash);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var disk = new DirectoryInfo(directory).EnumerateFiles().Sum(static file => file.Length);
        yield return new("opening a store of a million keys", string.Create(CultureInfo.InvariantCulture, $"{times.Median():F0} ms"), "", null, "≤ 500 ms");
        yield return new("disk for a key", string.Create(CultureInfo.InvariantCulture, $"{(double)disk / Many:F0} bytes"), "", null, "≤ 600");
    }

    /// <returns>The longest call, in microseconds.</returns>
    private static double Fill(FileStore store, int keys) =>
        Calls.Microseconds(keys, i => Calls.Finish(Calls.FreshAsync(store, Calls.Key("fill", i)))).Max();

    private static (double OfFew, double OfMany) InTurns(FileStore small, FileStore large)
    {
        var (ofFew, ofMany) = (new List<double>(), new List<double>());
        for (var i = 0; i < Measured / 100; i++)
        {
            var name = $"turn/{i}";
            ofFew.AddRange(Calls.Microseconds(100, call => Calls.Finish(Calls.FreshAsync(small, Calls.Key(name, call)))));
            ofMany.AddRange(Calls.Microseconds(100, call => Calls.Finish(Calls.FreshAsync(large, Calls.Key(name, call)))));
        }

        return (ofFew.Median(), ofMany.Median());
    }

    private static string Us(double microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds:F1} µs");
}
