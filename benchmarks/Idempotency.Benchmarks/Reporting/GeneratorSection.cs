using System.Diagnostics;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>What the generator and the analyzers take, measured by a program of its own: it holds a compiler.</summary>
internal static class GeneratorSection
{
    public static async Task RunAsync(Section section)
    {
        string[] arguments = ["run", "--project", "benchmarks/Idempotency.Generator.Benchmarks", "-c", "Release", "--no-build", "--", section.IsFull ? "9" : "3"];
        using var program = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        while (await program.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.WriteLine(line);
        }

        await program.WaitForExitAsync();
        if (program.ExitCode != 0)
        {
            throw new InvalidOperationException($"The generator's benchmark ended with code {program.ExitCode}; see above.");
        }
    }
}
