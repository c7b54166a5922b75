using System.Runtime.InteropServices;

namespace Idempotency.Soak;

/// <summary>Ends this process as a power button would: at the n-th time a point is passed, or after some microseconds.</summary>
internal sealed partial class SelfKill(Journal journal, string point, int count)
{
    private const int Kill = 9;

    private int _left = count;

    public void At(string passed)
    {
        if (passed == point && Interlocked.Decrement(ref _left) == 0)
        {
            Now();
        }
    }

    /// <summary>From a thread of its own, wherever the others are then.</summary>
    public void After(TimeSpan time)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        new Thread(() =>
        {
            while (System.Diagnostics.Stopwatch.GetElapsedTime(start) < time)
            {
                Thread.SpinWait(20);
            }

            Now();
        }) { IsBackground = true }.Start();
    }

    public void Now()
    {
        journal.Write(Journal.Dying);
        _ = Signal(Environment.ProcessId, Kill);
        Thread.Sleep(Timeout.Infinite);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
