using Idempotency.Benchmarks.Reporting;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What a call costs while more and more keys are remembered, beside a plain dictionary that has as many.</summary>
internal static class KeysSection
{
    private const int Asked = 500_000, Million = 1_000_000;

    public static Task RunAsync(Section section)
    {
        section.Say(
            "Keys of 88 bytes in memory, beside a `ConcurrentDictionary` of the same bytes, for both made in place. First calls fill it from empty, growth and two readings of the clock "
            + "included; duplicates ask for its keys in scattered order, so that most of a million miss the processor's caches.");
        Measure(100_000, turns: 7); // until the compiler has nothing left to do
        var table = section.Begin("keys", "first call", "dictionary", "ratio", "slowest", "dictionary", "duplicate", "dictionary", "ratio", "bytes a key", "dictionary");
        var (first, added, duplicate, found) = (new List<(double, double)>(), new List<(double, double)>(), new List<(double, double)>(), new List<(double, double)>());
        foreach (var keys in section.IsFull ? [1_000, 10_000, 100_000, Million, 10 * Million] : new[] { 1_000, 10_000, 100_000, Million })
        {
            var (guarded, plain) = Measure(keys, turns: keys > Million ? 1 : section.IsFull ? 7 : 3);
            table.Row(
                $"{keys:N0}",
                Figures.Nanoseconds(guarded.First), Figures.Nanoseconds(plain.First), Figures.Ratio(guarded.First / plain.First),
                Figures.Nanoseconds(guarded.Slowest), Figures.Nanoseconds(plain.Slowest),
                Figures.Nanoseconds(guarded.Again), Figures.Nanoseconds(plain.Again), Figures.Ratio(guarded.Again / plain.Again),
                Figures.Bytes(guarded.Bytes), Figures.Bytes(plain.Bytes));
            first.Add((keys, guarded.First));
            added.Add((keys, plain.First));
            duplicate.Add((keys, guarded.Again));
            found.Add((keys, plain.Again));
        }

        section.Show(new LinePlot("Cost by remembered keys", "keys", "nanoseconds")
        {
            Lines = new Dictionary<string, (double, double)[]>
            {
                ["first call"] = [.. first], ["added to a dictionary"] = [.. added], ["duplicate"] = [.. duplicate], ["found in a dictionary"] = [.. found],
            },
        });
        section.Say("Goals: at most 220 bytes for each of a million keys; the slowest call of a million no slower than the dictionary's; costs that grow no more than the dictionary's.");
        return Task.CompletedTask;
    }

    private static (Cost Guarded, Cost Plain) Measure(int keys, int turns)
    {
        var (guarded, plain) = (new List<Cost>(), new List<Cost>());
        for (var turn = 0; turn < turns; turn++)
        {
            guarded.Add(Measure(keys, () => RememberedKeys.ByGuard(capacity: 2 * keys)));
            plain.Add(Measure(keys, RememberedKeys.ByDictionary));
        }

        return (Median(guarded), Median(plain));
    }

    private static Cost Measure(int keys, Func<RememberedKeys> make)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var remembered = make();
        remembered.First(-1); // the first call of a guard starts what renews leases
        var growth = remembered.Fill(keys);
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / keys;
        var again = remembered.Ask(Asked, keys);
        GC.KeepAlive(remembered.Kept);
        return new Cost(growth.Each, growth.Slowest, again, bytes);
    }

    private static Cost Median(List<Cost> costs)
    {
        return new Cost(Of(static cost => cost.First), Of(static cost => cost.Slowest), Of(static cost => cost.Again), Of(static cost => cost.Bytes));

        double Of(Func<Cost, double> value) => costs.Select(value).Median();
    }

    private sealed record Cost(double First, double Slowest, double Again, double Bytes);
}
