using System.Diagnostics;
using System.Text.RegularExpressions;
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

    /// <summary>Starts a child so that the kernel does something to all its calls of a kind.</summary>
    /// <param name="work">What the child does.</param>
    /// <param name="output">Where the calls are written to.</param>
    /// <param name="kind">For example <c>flock</c>.</param>
    /// <param name="fault">For example <c>retval=0:when=3+</c>; nothing at all when absent.</param>
    /// <param name="path">The only file whose calls are meant; all when absent.</param>
    public static Process Start(Workload work, string output, string kind, string? fault = null, string? path = null) =>
        Start(
            [
                "-f", "-qq", "-y", "-o", output, "-e", $"trace={kind}",
                .. fault is null ? Array.Empty<string>() : ["-e", $"inject={kind}:{fault}"],
                .. path is null ? Array.Empty<string>() : ["-P", path],
            ],
            work);

    /// <summary>The calls that were written.</summary>
    public static async Task<List<SystemCall>> ReadAsync(string output) =>
        [.. (await File.ReadAllLinesAsync(output)).Select(SystemCall.Parse).OfType<SystemCall>()];

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

/// <summary>A system call as strace writes it.</summary>
internal sealed partial record SystemCall(string Thread, string Name, string Line)
{
    public static SystemCall? Parse(string line) =>
        Pattern().Match(line) is { Success: true } match ? new SystemCall(match.Groups[1].Value, match.Groups[2].Value, line) : null;

    [GeneratedRegex(@"^(\d+) +(\w+)\(")]
    private static partial Regex Pattern();
}
