using System.Globalization;

namespace Idempotency.FileStoreBenchmarks;

/// <summary>What one caller waits for, beside what the disk alone makes it wait.</summary>
internal static class OneCaller
{
    private const int Rounds = 60, WarmUps = 30, PerRound = 100;

    public static IEnumerable<Result> Run(string root)
    {
        using var bare = new BareDisk(root);
        using var synced = Calls.Open(Path.Combine(root, "synced"), FileDurability.PowerLoss);
        using var unsynced = Calls.Open(Path.Combine(root, "unsynced"), FileDurability.ProcessCrash);
        var (disk, durable, memory, duplicate) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = -WarmUps; round < Rounds; round++)
        {
            var name = $"one/{round}";
            var keys = Enumerable.Range(0, PerRound).Select(i => Calls.Key(name, i)).ToArray();
            var twoSyncs = Calls.Microseconds(PerRound, _ =>
            {
                bare.WriteAndSync();
                bare.WriteAndSync();
            });
            var fresh = Calls.Microseconds(PerRound, i => Calls.Finish(Calls.FreshAsync(synced, keys[i])));
            var fast = Calls.Microseconds(PerRound, i => Calls.Finish(Calls.FreshAsync(unsynced, keys[i])));
            var again = Calls.Microseconds(PerRound, i => Calls.Finish(Calls.DuplicateAsync(synced, keys[i])));
            if (round >= 0) // the first ones are the compiler's
            {
                disk.AddRange(twoSyncs);
                durable.AddRange(fresh);
                memory.AddRange(fast);
                duplicate.AddRange(again);
            }
        }

        var floor = disk.Median();
        yield return new("one caller, `PowerLoss`", Us(durable.Median()), $"two writes with `fdatasync`: {Us(floor)}", durable.Median() / floor, "≤ 1.25");
        yield return new("one caller, `ProcessCrash`", Us(memory.Median()), "", null, "≤ 10 µs");
        yield return new("a duplicate of a completed key", Us(duplicate.Median()), "", null, "no system call");
    }

    private static string Us(double microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds:F1} µs");
}
