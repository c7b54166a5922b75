namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Hears of one system's failures that ended in a task nobody looked at.</summary>
internal sealed class UnobservedFailures : IDisposable
{
    private readonly List<BrokenConnectionException> _failures = [];
    private readonly SimulatedSystem _system;

    public UnobservedFailures(SimulatedSystem system)
    {
        _system = system;
        TaskScheduler.UnobservedTaskException += Note;
    }

    /// <summary>All there were so far: finalizers tell, so they are made to run.</summary>
    public IReadOnlyList<BrokenConnectionException> Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        lock (_failures)
        {
            return [.. _failures];
        }
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= Note;

    private void Note(object? sender, UnobservedTaskExceptionEventArgs unobserved)
    {
        lock (_failures)
        {
            _failures.AddRange(unobserved.Exception.Flatten().InnerExceptions.OfType<BrokenConnectionException>().Where(failure => failure.Subject == _system));
        }
    }
}
