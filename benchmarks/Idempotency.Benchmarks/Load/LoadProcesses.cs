using System.Diagnostics;

namespace Idempotency.Benchmarks.Load;

/// <summary>This program once more, as many times as wanted: processes of their own that make calls, as the servers of an application do.</summary>
internal sealed class LoadProcesses : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly string[] _arguments;

    private LoadProcesses(string kind, string address) => _arguments = ["load", kind, address];

    /// <param name="kind">What they call, as <see cref="Targets"/> names it.</param>
    /// <param name="address">Where that is.</param>
    /// <param name="count">How many there are.</param>
    public static async Task<LoadProcesses> StartAsync(string kind, string address, int count)
    {
        var processes = new LoadProcesses(kind, address);
        while (processes._processes.Count < count)
        {
            processes._processes.Add(Process.Start(new ProcessStartInfo(ThisProgram.Path, processes._arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        }

        await Task.WhenAll(processes._processes.Select(static process => LoadProcess.UntilReadyAsync(process.StandardOutput)));
        return processes;
    }

    /// <summary>Measures some of them at the same time, and tells what they did together.</summary>
    /// <param name="way">The calls they make.</param>
    /// <param name="callers">The callers of each.</param>
    /// <param name="count">How many processes call.</param>
    public async Task<Rate> MeasureAsync(string way, Callers callers, int count) => Rate.Together(await Task.WhenAll(
        _processes.Take(count).Select(process => LoadProcess.MeasureAsync(process.StandardInput, process.StandardOutput, way, callers))));

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.StandardInput.Close(); // there is nobody left to tell it anything
            process.WaitForExit();
            process.Dispose();
        }
    }
}
