namespace Idempotency.Testing;

/// <summary>
/// Time that passes when a test says so. Timers fire inline, on the thread that advances, in the order in which they are due; those
/// due at once, in the order in which they were set.
/// </summary>
/// <remarks>
/// Safe to use from any thread and from within its own callbacks: no lock is held while one runs. A timer due now fires with the
/// next advance, be it one of zero. Callbacks run in the execution context their timer was made in and
/// without a synchronization context, as the system's do. What a timer only wakes goes on elsewhere: calls that wait for another one on
/// a memory store go on a moment after the advance that ended the patience of one of them, or the owner's lease. Await what they do then before time passes again.
/// </remarks>
public sealed class FakeTimeProvider : TimeProvider
{
    private static readonly DateTimeOffset s_origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly SortedSet<FakeTimer> _timers = new(FakeTimer.ByDueTime);
    private long _now;
    private long _jumped;
    private long _order;

    /// <summary>How much time has passed since the beginning.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp());

    /// <summary>How many timers will fire if time goes on.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Coordinated universal time.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <summary>The beginning of 2026 when it is made, and then that later which has passed, or was jumped over.</summary>
    public override DateTimeOffset GetUtcNow() => s_origin + Elapsed + TimeSpan.FromTicks(Volatile.Read(ref _jumped));

    /// <summary>Sets the wall clock without letting time pass: timestamps and timers do not notice.</summary>
    /// <param name="by">How far; back when negative.</param>
    public void JumpWallClock(TimeSpan by) => Interlocked.Add(ref _jumped, by.Ticks);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass, and fires every timer that comes due on the way, each at its own moment.</summary>
    /// <param name="time">How long; zero fires what is due now.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = GetTimestamp() + time.Ticks;
        while (TakeNext(end) is { } timer)
        {
            timer.Fire();
        }

        lock (_gate)
        {
            _now = Math.Max(_now, end);
        }
    }

    /// <summary>Goes to the moment of the next timer and fires that one alone. <see langword="false"/> when there is none.</summary>
    public bool AdvanceToNextTimer()
    {
        if (TakeNext(long.MaxValue) is not { } timer)
        {
            return false;
        }

        timer.Fire();
        return true;
    }

    internal bool Schedule(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (timer.IsDisposed)
            {
                return false;
            }

            timer.Period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Add(timer, _now + dueTime.Ticks);
            }

            return true;
        }
    }

    internal void Remove(FakeTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    private FakeTimer? TakeNext(long end)
    {
        lock (_gate)
        {
            if (_timers.Min is not { } next || next.DueAt > end)
            {
                return null;
            }

            _timers.Remove(next);
            _now = Math.Max(_now, next.DueAt);
            if (next.Period > TimeSpan.Zero)
            {
                Add(next, next.DueAt + next.Period.Ticks);
            }

            return next;
        }
    }

    private void Add(FakeTimer timer, long dueAt)
    {
        timer.DueAt = dueAt;
        timer.Order = _order++;
        _timers.Add(timer);
    }
}
