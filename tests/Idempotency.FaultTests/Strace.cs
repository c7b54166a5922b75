using System.Diagnostics;
using Idempotency.Soak;

namespace Idempotency.FaultTests;

/// <summary>Runs a child so that the kernel does to one of its system calls on the store's files what a test says.</summary>
internal static class Strace
{
    private static readonly string[] s_files =
        ["", "/lock", "/state", "/compaction.lock", .. Enumerable.Range(1, 9).SelectMany(static number => new[] { $"/000000000{number}.log", $"/000000000{number}.log.tmp" })];

    /// <param name="work">What the child does.</param>
    /// <param name="inject">For example <c>fdatasync:error=EIO:when=3</c>.</param>
    /// <returns>How the child ended, and the system calls it made on the store's files.</returns>
    public static async Task<(int ExitCode, string[] Calls)> RunAsync(Workload work, string inject)
    {
        var output = Path.Combine(Path.GetDirectoryName(work.Journal)!, "strace.txt");
        File.Delete(output);
        string[] paths = [.. s_files.SelectMany(file => new[] { "-P", work.Directory + "/store" + file })];
        using var process = Start(["-f", "-qq", "-o", output, .. paths, "-e", "inject=" + inject], work);
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode is 0 or 137
            ? (process.ExitCode, await File.ReadAllLinesAsync(output))
            : throw new InvalidOperationException($"The child ended with {process.ExitCode} under {inject}:\n{await errors}");
    }

    private static Process Start(string[] arguments, Workload work)
    {
        try
        {
            return Children.Start(work, ["strace", .. arguments]);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException("These tests need strace. Install it, for example with: apt-get install strace", failure);
        }
    }
}
