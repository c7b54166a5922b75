using Idempotency.Benchmarks.Reporting;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What a guarded call costs on the memory store, beside what does a part of its work, and the goals.</summary>
internal static class MemorySection
{
    public static Task RunAsync(Section section)
    {
        section.Say("A method of four arguments (`int`, `decimal`, `string`, `Guid`) with a small immutable result, in one process. Medians of turns in which all ways of a table are measured.");
        var duplicates = Tabulate<DuplicateCalls>(section, 25, "Duplicates of 1,024 keys in turn. `BytesInDictionary` and `TextInDictionary` have their keys ready.");
        var firsts = Tabulate<FirstCalls>(section, 13, "First calls of 200,000 keys, with all that is allocated while what remembers them grows from empty.");
        Tabulate<FirstSteps>(section, 11, "What a first call consists of, each step with the ones before it.");
        var steps = Tabulate<Steps>(section, 25, "What a duplicate of one key consists of, each step with the ones before it.");
        var bytes = Tabulate<StoredBytes>(section, 25, "Duplicates whose result is kept as bytes, because others could change it.");
        var observed = Tabulate<ObservedCalls>(section, 25, "Duplicates while a listener counts calls.");
        var bodies = Tabulate<AsynchronousCalls>(section, 15, "First calls whose body yields its thread, beside the body alone and first calls that never wait.");
        var waiting = Tabulate<WaitingCalls>(section, 9, "By key: all that several callers at once cost who wait for one body.");
        var expiring = Tabulate<ExpiringCalls>(section, 15, "First calls of which 50,000 are remembered at a time, beside all.");
        var threads = Tabulate<TwoThreads>(section, 9, "Two threads, each with its own keys, by call of both together.");
        var renewals = Renewals.Measure(times: section.IsFull ? 2 : 1);

        var goals = section.Begin("goal", "measured", "asked", "");
        AtMost("a duplicate, of finding its bytes in a dictionary", duplicates.Ratio(nameof(DuplicateCalls.Guarded), nameof(DuplicateCalls.BytesInDictionary)), 1.7);
        AtMost("a duplicate, of finding a string in a dictionary", duplicates.Ratio(nameof(DuplicateCalls.Guarded), nameof(DuplicateCalls.TextInDictionary)), 4.5);
        AtLeast("a `Lazy<Task<T>>` in a dictionary, of a duplicate", duplicates.Ratio(nameof(DuplicateCalls.LazyTask), nameof(DuplicateCalls.Guarded)), 3.3);
        AtLeast("a `Lazy<Task<T>>` in a `MemoryCache`, of a duplicate", duplicates.Ratio(nameof(DuplicateCalls.CachedLazyTask), nameof(DuplicateCalls.Guarded)), 5);
        BytesAtMost("a duplicate", duplicates.BytesOf(nameof(DuplicateCalls.Guarded)), 0);
        AtMost("a first call, of adding its bytes to a dictionary", firsts.Ratio(nameof(FirstCalls.Guarded), nameof(FirstCalls.BytesAddedToDictionary)), 1.35);
        AtLeast("a first `Lazy<Task<T>>` in a dictionary, of a first call", firsts.Ratio(nameof(FirstCalls.LazyTask), nameof(FirstCalls.Guarded)), 1.5);
        BytesAtMost("a first call, with the mark for nested calls", firsts.BytesOf(nameof(FirstCalls.Guarded)), 420);
        NanosecondsAtMost("a key of four arguments, hash included", steps.NanosecondsOf(nameof(Steps.Hash)), 25);
        AtMost("a duplicate kept as bytes, of reading them", bytes.Ratio(nameof(StoredBytes.Guarded), nameof(StoredBytes.Deserialize)), 1.25);
        NanosecondsAtMost("a listener, more than none", observed.NanosecondsOf(nameof(ObservedCalls.Counted)) - observed.NanosecondsOf(nameof(ObservedCalls.Unwatched)), 60);
        BytesAtMost("an asynchronous body, more than bare", bodies.BytesOf(nameof(AsynchronousCalls.Guarded)) - bodies.BytesOf(nameof(AsynchronousCalls.Bare)), 220);
        NanosecondsAtMost("an asynchronous body, more than bare", bodies.NanosecondsOf(nameof(AsynchronousCalls.Guarded)) - bodies.NanosecondsOf(nameof(AsynchronousCalls.Bare)), 450);
        BytesAtMost("one caller who waits", waiting.BytesOf(nameof(WaitingCalls.OneCaller)), 650);
        BytesAtMost("eight callers who wait", waiting.BytesOf(nameof(WaitingCalls.EightCallers)), 1_050);
        BytesAtMost("each of a thousand callers who wait", waiting.BytesOf(nameof(WaitingCalls.ThousandCallers)) / 1_000, 150);
        AtMost("expiry, of none", expiring.Ratio(nameof(ExpiringCalls.FewRemembered), nameof(ExpiringCalls.AllRemembered)), 1.15);
        AtLeast("duplicates of two threads, of one", threads.Ratio(nameof(TwoThreads.OneReplays), nameof(TwoThreads.TwoReplay)), 1.7);
        AtLeast("first calls of two threads, of one", threads.Ratio(nameof(TwoThreads.OneCharges), nameof(TwoThreads.TwoCharge)), threads.Ratio(nameof(TwoThreads.OneAdds), nameof(TwoThreads.TwoAdd)));
        Goal("10,000 keys in progress, of a core", $"{renewals:0.0%}", "≤ 2 %", renewals <= 0.02);
        goals.End();
        return Task.CompletedTask;

        void AtMost(string what, double value, double most) => Goal(what, Figures.Ratio(value), $"≤ {Figures.Ratio(most)}", value <= most);
        void AtLeast(string what, double value, double least) => Goal(what, Figures.Ratio(value), $"≥ {Figures.Ratio(least)}", value >= least);
        void BytesAtMost(string what, double value, double most) => Goal(what, Figures.Bytes(value), $"≤ {Figures.Bytes(most)}", Math.Round(value) <= most);
        void NanosecondsAtMost(string what, double value, double most) => Goal(what, Figures.Nanoseconds(value), $"≤ {Figures.Nanoseconds(most)}", value <= most);
        void Goal(string what, string measured, string asked, bool isReached) => goals.Row(what, measured, asked, isReached ? "" : "missed");
    }

    private static Comparison Tabulate<TWorkload>(Section section, int turns, string text)
        where TWorkload : new()
    {
        section.Say(text);
        var comparison = section.IsFull ? Comparison.Of<TWorkload>(turns) : Comparison.Of<TWorkload>((turns / 2) + 1, TimeSpan.FromSeconds(3));
        var table = section.Begin(typeof(TWorkload).Name, "time", "of it collecting", "allocated", "ratio");
        var baseline = comparison.Ways.First();
        foreach (var way in comparison.Ways)
        {
            table.Row(
                way, Figures.Nanoseconds(comparison.NanosecondsOf(way)), Figures.Nanoseconds(comparison.PauseOf(way)), Figures.Bytes(comparison.BytesOf(way)), Figures.Ratio(comparison.Ratio(way, baseline)));
        }

        table.End();
        return comparison;
    }
}
