using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Idempotency.Benchmarks.Load;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>Measures sections, each in a process of its own, and writes the page.</summary>
internal static class Report
{
    private const string Plots = "docs/benchmarks";

    /// <param name="filters">What the names of the sections contain that are measured; all when there are none.</param>
    /// <param name="isFull">Whether everything is measured, however long it takes.</param>
    public static async Task<int> RunAsync(string[] filters, bool isFull)
    {
        var names = Sections.All.Keys.Where(name => filters.Length == 0 || filters.Any(filter => name.Contains(filter, StringComparison.OrdinalIgnoreCase))).ToArray();
        if (names.Length == 0)
        {
            await Console.Error.WriteLineAsync($"No section is called {string.Join(" or ", filters)}; there are {string.Join(", ", Sections.All.Keys)}.");
            return 2;
        }

        Directory.CreateDirectory(Plots);
        var page = new Page("benchmarks/page.txt", "docs/benchmarks.md");
        var stamp = Stamp(isFull);
        var failures = 0;
        foreach (var name in names)
        {
            Console.WriteLine($"== {name}");
            var (code, text) = await MeasureAsync(name, isFull);
            if (code != 0)
            {
                await Console.Error.WriteLineAsync($"The section \"{name}\" could not be measured (code {code}, see above), and stays on the page as it was.");
                failures++;
                continue;
            }

            page.Write(name, $"*{stamp}*\n\n{text}");
        }

        return failures == 0 ? 0 : 1;
    }

    private static async Task<(int Code, string Text)> MeasureAsync(string name, bool isFull)
    {
        string[] arguments = ["section", name, "--plots", Plots, .. isFull ? ["--full"] : Array.Empty<string>()];
        using var process = Process.Start(new ProcessStartInfo(ThisProgram.Path, arguments) { RedirectStandardOutput = true })!;
        var text = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.WriteLine(line);
            text.Append(line).Append('\n');
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, text.ToString());
    }

    /// <summary>When (the day, which nothing is measured with), what, how thoroughly and on what was measured.</summary>
    private static string Stamp(bool isFull)
    {
        var changed = Git("status", "--porcelain", "--untracked-files=no", "--", "src", "benchmarks").Length > 0 ? " with changes" : "";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:d MMMM yyyy}, commit {Git("rev-parse", "--short", "HEAD")}{changed}, {(isFull ? "full" : "quick")}; {Environment.ProcessorCount} cores of {Processor()}, {memory:0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").First(static line => line.StartsWith("model name", StringComparison.Ordinal)).Split(": ")[1]
        : RuntimeInformation.ProcessArchitecture.ToString();

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        var said = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return said.Trim();
    }
}
