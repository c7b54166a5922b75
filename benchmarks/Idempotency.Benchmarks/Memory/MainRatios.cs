using System.Globalization;

namespace Idempotency.Benchmarks.Memory;

/// <summary>The four ratios that say whether a guard can be put on every method, as a check that takes half a minute.</summary>
internal static class MainRatios
{
    /// <summary>A machine that others use may be this far off; a change that costs more is found.</summary>
    private const double Tolerance = 2;

    /// <summary>Prints them. <see langword="false"/> when one is beyond twice its goal.</summary>
    public static bool Check()
    {
        var duplicates = Comparison.Of<DuplicateCalls>(turns: 25);
        var firsts = Comparison.Of<FirstCalls>(turns: 15);
        Console.WriteLine($"{"",-62}{"ratio",8}{"goal",8}");
        bool[] kept =
        [
            AtMost(4.5, "a duplicate, of finding a string in a dictionary", duplicates.Ratio(nameof(DuplicateCalls.Guarded), nameof(DuplicateCalls.TextInDictionary))),
            AtLeast(3.3, "a Lazy<Task<T>> in a dictionary, of a duplicate", duplicates.Ratio(nameof(DuplicateCalls.LazyTask), nameof(DuplicateCalls.Guarded))),
            AtMost(1.35, "a first call, of adding its key to a dictionary", firsts.Ratio(nameof(FirstCalls.Guarded), nameof(FirstCalls.BytesAddedToDictionary))),
            AtLeast(1.5, "a first Lazy<Task<T>> in a dictionary, of a first call", firsts.Ratio(nameof(FirstCalls.LazyTask), nameof(FirstCalls.Guarded))),
        ];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A duplicate: {duplicates.NanosecondsOf(nameof(DuplicateCalls.Guarded)):0} ns, {duplicates.BytesOf(nameof(DuplicateCalls.Guarded)):0} bytes. " +
            $"A first call: {firsts.NanosecondsOf(nameof(FirstCalls.Guarded)):0} ns, {firsts.BytesOf(nameof(FirstCalls.Guarded)):0} bytes."));
        return kept.All(static isKept => isKept);
    }

    private static bool AtMost(double goal, string what, double ratio) => Print(what, ratio, $"≤ {goal}", ratio <= goal * Tolerance);

    private static bool AtLeast(double goal, string what, double ratio) => Print(what, ratio, $"≥ {goal}", ratio >= goal / Tolerance);

    private static bool Print(string what, double ratio, string goal, bool isKept)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-62}{ratio,8:0.00}{goal,8}{(isKept ? "" : "  more than twice off")}"));
        return isKept;
    }
}
