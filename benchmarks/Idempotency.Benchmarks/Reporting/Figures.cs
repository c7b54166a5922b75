using System.Globalization;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>Figures as tables have them: with as many digits as mean something.</summary>
internal static class Figures
{
    public static string Count(double value) => value.ToString(value < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    public static string Ratio(double? value) => value?.ToString(value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture) ?? "";

    public static string Nanoseconds(double? value) => value switch
    {
        null => "",
        < 1e3 => $"{Digits(value.Value)} ns",
        < 1e6 => $"{Digits(value.Value / 1e3)} µs",
        < 1e9 => $"{Digits(value.Value / 1e6)} ms",
        _ => $"{Digits(value.Value / 1e9)} s",
    };

    public static string Bytes(double value) => value switch
    {
        < 1e4 => $"{value.ToString("0", CultureInfo.InvariantCulture)} B",
        < 1e6 => $"{Digits(value / 1e3)} kB",
        _ => $"{Digits(value / 1e6)} MB",
    };

    /// <summary>What was asked, and whether it was missed.</summary>
    public static string Goal(string asked, bool isReached) => isReached ? asked : $"{asked} missed";

    private static string Digits(double value) => value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
