using System.Globalization;

namespace Idempotency.StoresBenchmarks;

/// <summary>Lines of a table: what was measured, beside what, and the goal.</summary>
internal static class Report
{
    public static void Begin(string what)
    {
        Console.WriteLine();
        Console.WriteLine(what);
        Console.WriteLine();
        Console.WriteLine("| what | callers | calls a second | beside | ratio | goal |");
        Console.WriteLine("|---|---|---|---|---|---|");
    }

    public static void Tell(string what, int callers, double rate, string beside, double baseline, double? goal) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {what} | {callers} | {rate:N0} | {beside}: {baseline:N0} | {rate / baseline:F2} | {goal:F2} |"));

    public static void TellSize(string what, double megabytes, string beside, double baseline) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {what} | | {megabytes:N0} MB | {beside}: {baseline:N0} MB | {megabytes / baseline:F2} | |"));
}
