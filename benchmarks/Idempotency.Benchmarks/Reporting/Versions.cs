using System.Diagnostics;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>What was measured with, by name and version.</summary>
internal static class Versions
{
    /// <summary>The package that a type comes from.</summary>
    public static string Of<T>()
    {
        var assembly = typeof(T).Assembly;
        var version = FileVersionInfo.GetVersionInfo(assembly.Location);
        return $"{assembly.GetName().Name} {version.FileMajorPart}.{version.FileMinorPart}.{version.FileBuildPart}";
    }

    /// <summary>The first line that a program says when asked.</summary>
    public static string OfProgram(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadLine();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return line is null ? program : string.Join(' ', line.Split(' ').TakeWhile(static word => !word.StartsWith("sha=", StringComparison.Ordinal)));
    }
}
