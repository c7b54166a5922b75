using System.Diagnostics;

namespace Idempotency.Soak;

/// <summary>Starts this program again, as a process that may be killed.</summary>
public static class Children
{
    public const string Command = "victim";

    /// <summary>Runs a process to its end.</summary>
    /// <returns>Its exit code: 137 when it was killed.</returns>
    public static async Task<int> RunAsync(Workload work)
    {
        using var process = Start(work);
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode is 0 or 137
            ? process.ExitCode
            : throw new InvalidOperationException($"A child ended with {process.ExitCode}:\n{await errors}\n{work.ToArgument()}");
    }

    public static Process Start(Workload work, params string[] before)
    {
        string[] command = [.. before, Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            typeof(Children).Assembly.Location, Command, work.ToArgument()];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TC_QuickJitForLoops"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_GCHeapCount"] = "1";
        return Process.Start(start)!;
    }
}
