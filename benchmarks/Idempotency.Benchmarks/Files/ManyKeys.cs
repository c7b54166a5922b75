using System.Diagnostics;
using Idempotency.Benchmarks.Reporting;
using Idempotency.Benchmarks.Stores;

namespace Idempotency.Benchmarks.Files;

/// <summary>What a million keys cost: each call, opening the store, memory and disk.</summary>
internal static class ManyKeys
{
    private const int Few = 1000, Many = 1_000_000, Turns = 200, PerTurn = 100;

    public static void Tell(Table table, string root)
    {
        var (few, many) = (Path.Combine(root, "few"), Path.Combine(root, "many"));
        using (FileStore small = FileCalls.Open(few, FileDurability.ProcessCrash), large = FileCalls.Open(many, FileDurability.ProcessCrash))
        {
            using Calls ofSmall = new(small), ofLarge = new(large);
            Fill(ofSmall, Few);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var longest = Fill(ofLarge, Many);
            var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Many;
            var (ofFew, ofMany) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < Turns; turn++)
            {
                ofFew.AddRange(Nanoseconds(ofSmall, PerTurn));
                ofMany.AddRange(Nanoseconds(ofLarge, PerTurn));
            }

            var ratio = ofMany.Median() / ofFew.Median();
            table.Row("a fresh call at a million keys, `ProcessCrash`", $"{Figures.Nanoseconds(ofMany.Median())}, {Figures.Ratio(ratio)} of one at a thousand", Figures.Goal("≤ 1.3", ratio <= 1.3));
            table.Row("the longest of a million calls", Figures.Nanoseconds(longest), "");
            table.Row("memory for a key with 100 bytes of outcome", Figures.Bytes(bytes), Figures.Goal("≤ 300 B", bytes <= 300));
        }

        var opening = Enumerable.Range(0, 5).Select(_ => NanosecondsToOpen(many)).Median();
        var disk = (double)new DirectoryInfo(many).EnumerateFiles().Sum(static file => file.Length) / Many;
        table.Row("opening a store of a million keys, none of it compacted", Figures.Nanoseconds(opening), Figures.Goal("≤ 500 ms", opening <= 500e6));
        table.Row("disk for a key", Figures.Bytes(disk), Figures.Goal("≤ 600 B", disk <= 600));
    }

    private static double NanosecondsToOpen(string directory)
    {
        var start = Stopwatch.GetTimestamp();
        using var store = FileCalls.Open(directory, FileDurability.ProcessCrash);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    /// <returns>The longest call, in nanoseconds.</returns>
    private static double Fill(Calls calls, int keys) => Nanoseconds(calls, keys).Max();

    private static IEnumerable<double> Nanoseconds(Calls calls, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var key = Calls.NewKey();
            var start = Stopwatch.GetTimestamp();
            calls.FreshAsync(key).GetAwaiter().GetResult(); // without a sync, the caller does all of it itself
            yield return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }
    }
}
