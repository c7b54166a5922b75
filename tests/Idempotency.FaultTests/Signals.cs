using System.Runtime.InteropServices;

namespace Idempotency.FaultTests;

/// <summary>Tells processes to go on or to die, and sees that they have stopped.</summary>
internal static partial class Signals
{
    private const int Kill = 9, Continue = 18, NoSuchProcess = 3;

    public static void SendContinue(int process) => Send(process, Continue);

    public static void SendKill(int process) => Send(process, Kill);

    /// <summary>Waits until every thread of a process is stopped.</summary>
    public static async Task UntilStoppedAsync(int process)
    {
        try
        {
            await Patience.UntilAsync(
                () =>
                {
                    var states = Threads(process).Select(StateOf).ToList();
                    return !states.Contains('Z') ? states.TrueForAll(static state => state == 'T') : throw new InvalidOperationException("A process ended instead of stopping.");
                },
                $"process {process} to stop");
        }
        catch (TimeoutException failure)
        {
            // What its threads do says whether it hangs before its point or the signal has not reached them all.
            throw new TimeoutException($"{failure.Message} Its threads: {string.Join(", ", Threads(process).Select(static thread => $"{NameOf(thread)} {StateOf(thread)}"))}", failure);
        }
    }

    private static string[] Threads(int process) => Directory.GetDirectories($"/proc/{process}/task");

    private static string NameOf(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/comm").Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "gone"; // it ended just now
        }
    }

    /// <summary>The letter after the name, which is in brackets and may have any others in it.</summary>
    private static char StateOf(string thread)
    {
        try
        {
            var stat = File.ReadAllText(thread + "/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return 'R'; // a thread that ended just now: its process was not at rest
        }
    }

    private static void Send(int process, int signal)
    {
        if (SendSignal(process, signal) != 0 && Marshal.GetLastPInvokeError() != NoSuchProcess) // which needs no signal any more
        {
            throw new InvalidOperationException($"Process {process} could not be sent signal {signal}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
