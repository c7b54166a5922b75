using System.Diagnostics;

namespace Idempotency.Soak;

/// <summary>Starts this program again, as a process that may be killed.</summary>
public static class Children
{
    public const string Command = "victim";

    /// <summary>What a child writes when it has come to the point where it pauses. It reads a line then.</summary>
    public const string Paused = "paused";

    /// <summary>This program itself, as it was compiled beforehand where a test project has it so.</summary>
    private static readonly string s_program =
        Path.Combine(AppContext.BaseDirectory, "children", "Idempotency.Soak.dll") is var compiled && File.Exists(compiled) ? compiled : typeof(Children).Assembly.Location;

    /// <summary>Runs a process to its end.</summary>
    /// <returns>Its exit code: 137 when it was killed.</returns>
    public static async Task<int> RunAsync(Workload work)
    {
        using var process = Start(work);
        return await EndAsync(process, work);
    }

    /// <summary>Waits for a process to end.</summary>
    /// <returns>Its exit code: 137 when it was killed.</returns>
    public static async Task<int> EndAsync(Process process, Workload work)
    {
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode is 0 or 137
            ? process.ExitCode
            : throw new InvalidOperationException($"A child ended with {process.ExitCode}:\n{await errors}\n{work.ToArgument()}");
    }

    public static Process Start(Workload work, params string[] before)
    {
        var server = StoreUnderTest.Named(work.Store).Server;
        _ = server?.Address; // before the child, which looks for it
        string[] command = [.. before, Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            s_program, Command, work.ToArgument()];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // pipes for a debugger, which a killed process would leave behind
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TC_QuickJitForLoops"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_GCHeapCount"] = "1";
        if (work.ServerPort is { } port)
        {
            server!.PutAt(port, start.Environment);
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits until a process that pauses at its point has come there.</summary>
    public static async Task UntilPausedAsync(Process process)
    {
        if (await process.StandardOutput.ReadLineAsync() != Paused)
        {
            throw new InvalidOperationException($"A child ended instead of pausing:\n{await process.StandardError.ReadToEndAsync()}");
        }
    }

    /// <summary>In a child: says so and waits until it may go on.</summary>
    internal static void Pause()
    {
        Console.Out.WriteLine(Paused);
        Console.In.ReadLine();
    }

    /// <summary>Does the work in this process.</summary>
    public static Task WorkAsync(Workload work) => work.Role switch
    {
        Role.Victim => Victim.RunAsync(work),
        Role.Contender => Contender.RunAsync(work),
        Role.Starving => Starving.RunAsync(work),
        Role.Syncing => Syncing.RunAsync(work),
        _ => throw new ArgumentOutOfRangeException(nameof(work)),
    };
}
