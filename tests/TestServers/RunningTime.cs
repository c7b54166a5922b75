namespace Idempotency.TestServers;

/// <summary>The system's time, which also passes faster when a test says so: timers that come due by that fire at once.</summary>
/// <remarks>For a client of a server whose clock is moved along with it: what waits for time on either side sees the same.</remarks>
public sealed class RunningTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly HashSet<RunningTimer> _timers = [];
    private long _passed;
    private long _jumped;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(TimeSpan.FromTicks(Volatile.Read(ref _passed)).TotalSeconds * TimestampFrequency);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _passed) + Volatile.Read(ref _jumped));

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan time)
    {
        RunningTimer[] timers;
        lock (_gate)
        {
            Interlocked.Add(ref _passed, time.Ticks);
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Hurry();
        }
    }

    /// <summary>Sets the wall clock without letting time pass.</summary>
    public void JumpWallClock(TimeSpan by) => Interlocked.Add(ref _jumped, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new RunningTimer(this, callback, state);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    private void Forget(RunningTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    private sealed class RunningTimer : ITimer
    {
        private readonly RunningTime _time;
        private readonly ITimer _timer;
        private readonly Lock _gate = new();
        private long _dueAt = long.MaxValue;
        private TimeSpan _period;

        public RunningTimer(RunningTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _timer = System.CreateTimer(_ => Fire(callback, state), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _period = period;
                return Set(dueTime);
            }
        }

        /// <summary>Sets the timer anew, now that what is left is less.</summary>
        public void Hurry()
        {
            lock (_gate)
            {
                if (_dueAt != long.MaxValue)
                {
                    var left = _time.GetElapsedTime(_time.GetTimestamp(), _dueAt);
                    Set(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                }
            }
        }

        public void Dispose()
        {
            _time.Forget(this);
            _timer.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            _time.Forget(this);
            await _timer.DisposeAsync();
        }

        private bool Set(TimeSpan dueTime)
        {
            _dueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _time.GetTimestamp() + (long)(dueTime.TotalSeconds * _time.TimestampFrequency);
            return _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }

        private void Fire(TimerCallback callback, object? state)
        {
            lock (_gate)
            {
                if (_dueAt == long.MaxValue)
                {
                    return; // changed while it was about to fire
                }

                _dueAt = long.MaxValue;
                if (_period > TimeSpan.Zero)
                {
                    Set(_period);
                }
            }

            callback(state);
        }
    }
}
