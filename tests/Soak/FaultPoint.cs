using System.Runtime.InteropServices;

namespace Idempotency.Soak;

/// <summary>What becomes of a process at its <see cref="Workload.FaultAt">point</see>.</summary>
public enum Fate
{
    /// <summary>It ends, as by a power button.</summary>
    Dies,

    /// <summary>It stops, all threads of it, until it is told to go on: SIGSTOP.</summary>
    Stops,

    /// <summary>The thread that passes waits for a line to read, and says so by writing one; all others go on.</summary>
    Pauses,

    /// <summary>As <see cref="Pauses"/>; when it has read its line it says so, and goes on as soon as the store has answered a renewal.</summary>
    PausesUntilRenewed,
}

/// <summary>Brings a process its fate: at the n-th time a point is passed, or after some microseconds.</summary>
internal sealed partial class FaultPoint(Journal journal, Workload work)
{
    private const int Kill = 9, Stop = 19;

    private readonly ManualResetEventSlim _isRenewed = new();
    private int _left = work.FaultAfter;

    public void At(string passed)
    {
        if (passed == "renew+")
        {
            _isRenewed.Set();
        }

        if (passed == work.FaultAt && Interlocked.Decrement(ref _left) == 0)
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

    private void Now()
    {
        switch (work.Fate)
        {
            case Fate.Dies:
                journal.Write(Journal.Dying);
                _ = Signal(Environment.ProcessId, Kill);
                Thread.Sleep(Timeout.Infinite);
                break;
            case Fate.Stops:
                _ = SignalThisThread(Stop); // it gets no further, and takes all others with it
                break;
            case Fate.PausesUntilRenewed:
                Children.Pause();
                _isRenewed.Reset();
                Console.Out.WriteLine(Children.Paused);
                _isRenewed.Wait();
                break;
            default:
                Children.Pause();
                break;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int SignalThisThread(int signal);
}
