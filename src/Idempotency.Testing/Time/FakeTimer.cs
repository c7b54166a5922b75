namespace Idempotency.Testing;

/// <summary>A timer of a <see cref="FakeTimeProvider"/>, which guards all of its state.</summary>
internal sealed class FakeTimer(FakeTimeProvider time, TimerCallback callback, object? state) : ITimer
{
    public static readonly IComparer<FakeTimer> ByDueTime = Comparer<FakeTimer>.Create(static (x, y) =>
        x.DueAt != y.DueAt ? x.DueAt.CompareTo(y.DueAt) : x.Order.CompareTo(y.Order));

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public long DueAt { get; set; }

    /// <summary>Which setting of a timer this was; no other one has it. Negative until the first.</summary>
    public long Order { get; set; } = -1;

    public TimeSpan Period { get; set; }

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
        return time.Schedule(this, dueTime, period);
    }

    /// <summary>Calls back with no synchronization context, as the system's timers do: what awaits there goes on inline.</summary>
    public void Fire()
    {
        var surroundings = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            if (_context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, static timer => ((FakeTimer)timer!).Call(), this);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(surroundings);
        }
    }

    public void Dispose() => time.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Call() => callback(state);
}
