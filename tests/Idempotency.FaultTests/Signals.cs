using System.Runtime.InteropServices;

namespace Idempotency.FaultTests;

/// <summary>Tells processes to go on or to die, and sees that they have stopped.</summary>
internal static partial class Signals
{
    private const int Kill = 9, Continue = 18, NoSuchProcess = 3;

    public static void SendContinue(int process) => Send(process, Continue);

    public static void SendKill(int process) => Send(process, Kill);

    /// <summary>Waits until every thread of a process is stopped.</summary>
    public static Task UntilStoppedAsync(int process) => Patience.UntilAsync(
        () =>
        {
            var states = Directory.GetDirectories($"/proc/{process}/task").Select(static thread => StateOf(thread)).ToList();
            return !states.Contains('Z') ? states.TrueForAll(static state => state == 'T') : throw new InvalidOperationException("A process ended instead of stopping.");
        },
        $"process {process} to stop");

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
