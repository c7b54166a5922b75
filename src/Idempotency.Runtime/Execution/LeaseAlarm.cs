namespace Idempotency.Execution;

/// <summary>
/// Calls back when the earliest of many moments has come. On the system's clock it is a thread of its own, because a starved
/// thread pool must not cost a lease; on any other clock it is that clock's timer, so that tests move time by hand.
/// </summary>
internal abstract class LeaseAlarm : IDisposable
{
    protected LeaseAlarm(TimeProvider time, Func<long?> look) => (Time, Look) = (time, look);

    protected TimeProvider Time { get; }

    /// <summary>What to do when it rings: says when to ring again, <see langword="null"/> when there is nothing to wait for.</summary>
    protected Func<long?> Look { get; }

    public static LeaseAlarm Create(TimeProvider time, Func<long?> look) =>
        ReferenceEquals(time, TimeProvider.System) ? new ThreadAlarm(time, look) : new TimerAlarm(time, look);

    /// <summary>Rings at this timestamp at the latest.</summary>
    /// <param name="timestamp">The moment, as the time provider counts.</param>
    /// <param name="interval">No later ring asked for like this one is due sooner than this from when it is asked for.</param>
    public abstract void RingBy(long timestamp, TimeSpan interval);

    /// <summary>Runs what may run code of a body, which must not hold the alarm up.</summary>
    public abstract void Post(Action<RunningAttempt> tell, RunningAttempt attempt);

    public abstract void Dispose();

    private sealed class ThreadAlarm(TimeProvider time, Func<long?> look) : LeaseAlarm(time, look)
    {
        /// <summary>The thread ends after this many looks that found nothing; the next attempt starts it again.</summary>
        private const int IdleLooks = 3;

        private readonly object _gate = new();
        private long _interval = TimeSpan.MaxValue.Ticks;
        private long _ringAt;
        private volatile bool _isRunning;
        private volatile bool _wasAsked;
        private bool _isDisposed;

        public override void RingBy(long timestamp, TimeSpan interval)
        {
            // Mostly nothing to do: the thread looks once in every interval anyway, and a new lease is due later. It does not end without
            // having looked since it was asked last.
            if (_isRunning && _wasAsked && timestamp >= Volatile.Read(ref _ringAt) && interval.Ticks >= Volatile.Read(ref _interval))
            {
                return;
            }

            lock (_gate)
            {
                _wasAsked = true;
                _interval = Math.Min(interval.Ticks, _interval);
                if (_isRunning || _isDisposed)
                {
                    if (timestamp < _ringAt)
                    {
                        _ringAt = timestamp;
                        Monitor.Pulse(_gate);
                    }

                    return;
                }

                _ringAt = timestamp;
                new Thread(Run) { IsBackground = true, Name = "Idempotency leases" }.UnsafeStart();
                _isRunning = true; // not before: a thread that could not be started is started by the next call
            }
        }

        public override void Post(Action<RunningAttempt> tell, RunningAttempt attempt) =>
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.tell(work.attempt), (tell, attempt), preferLocal: false);

        public override void Dispose()
        {
            lock (_gate)
            {
                _isDisposed = true;
                Monitor.Pulse(_gate);
            }
        }

        private void Run()
        {
            var idle = 0;
            while (WaitForRing())
            {
                var next = Look();
                lock (_gate)
                {
                    idle = next is null && !_wasAsked ? idle + 1 : 0;
                    if (idle == IdleLooks)
                    {
                        _isRunning = false;
                        _interval = TimeSpan.MaxValue.Ticks;
                        return;
                    }

                    _ringAt = Math.Min(_ringAt, next ?? long.MaxValue);
                }
            }
        }

        private bool WaitForRing()
        {
            lock (_gate)
            {
                while (!_isDisposed)
                {
                    var now = Time.GetTimestamp();
                    if (now >= _ringAt)
                    {
                        _wasAsked = false;
                        _ringAt = now + (long)(TimeSpan.FromTicks(_interval).TotalSeconds * Time.TimestampFrequency);
                        return true;
                    }

                    var milliseconds = Math.Ceiling(Time.GetElapsedTime(now, _ringAt).TotalMilliseconds);
                    Monitor.Wait(_gate, (int)Math.Min(milliseconds, int.MaxValue));
                }

                return false;
            }
        }
    }

    private sealed class TimerAlarm : LeaseAlarm
    {
        private readonly Lock _gate = new();
        private readonly ITimer _timer;
        private long _ringAt = long.MaxValue;

        public TimerAlarm(TimeProvider time, Func<long?> look)
            : base(time, look)
        {
            // The timer outlives the call it happens to be made in, and must not carry that call's context.
            using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            _timer = time.CreateTimer(static alarm => ((TimerAlarm)alarm!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public override void RingBy(long timestamp, TimeSpan interval)
        {
            lock (_gate)
            {
                if (timestamp >= _ringAt)
                {
                    return;
                }

                _ringAt = timestamp;
                var due = Time.GetElapsedTime(Time.GetTimestamp(), timestamp);
                _timer.Change(due < TimeSpan.Zero ? TimeSpan.Zero : due, Timeout.InfiniteTimeSpan);
            }
        }

        public override void Post(Action<RunningAttempt> tell, RunningAttempt attempt) => tell(attempt);

        public override void Dispose() => _timer.Dispose();

        private void Ring()
        {
            lock (_gate)
            {
                _ringAt = long.MaxValue;
            }

            if (Look() is { } next)
            {
                RingBy(next, default);
            }
        }
    }
}
