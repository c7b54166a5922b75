namespace Idempotency.DynamoDb;

/// <summary>
/// Who waits for which record. However many wait for one, it is looked at once in a while for all of them; what this process writes
/// itself wakes them at once.
/// </summary>
internal sealed class WaitingRoom(Func<RecordKey, Task<Glance?>> look, TimeSpan interval, TimeProvider time)
{
    /// <summary>Far below what a timer can count to; a wait may end early.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<RecordKey, Watch> _watches = [];

    /// <summary>Returns when nobody runs any more or somebody else does, or after <paramref name="timeout"/>.</summary>
    /// <param name="key">The record.</param>
    /// <param name="version">The version that the caller knows; one that is older ends the wait at once.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(RecordKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (timeout <= TimeSpan.Zero)
        {
            return;
        }

        var waiter = new Waiter(version);
        Join(key, waiter);
        try
        {
            await waiter.Changed.WaitAsync(timeout < s_longestWait ? timeout : s_longestWait, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Leave(key, waiter);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>This process has changed the record: whoever waits for it here need not wait for the next look.</summary>
    public void Wake(RecordKey key)
    {
        lock (_gate)
        {
            if (_watches.TryGetValue(key, out var watch))
            {
                watch.Tell(null);
            }
        }
    }

    private void Join(RecordKey key, Waiter waiter)
    {
        lock (_gate)
        {
            if (!_watches.TryGetValue(key, out var watch))
            {
                _watches[key] = watch = new Watch();

                // For all who will wait, not only for this call, whose context it must not carry.
                ThreadPool.UnsafeQueueUserWorkItem(static begun => _ = begun.Room.WatchAsync(begun.Key, begun.Watch), (Room: this, Key: key, Watch: watch), preferLocal: false);
            }

            watch.Add(waiter);
        }
    }

    private void Leave(RecordKey key, Waiter waiter)
    {
        lock (_gate)
        {
            if (_watches.TryGetValue(key, out var watch))
            {
                watch.Remove(waiter);
            }
        }
    }

    private async Task WatchAsync(RecordKey key, Watch watch)
    {
        while (true)
        {
            lock (_gate)
            {
                if (watch.IsEmpty)
                {
                    _watches.Remove(key);
                    return;
                }
            }

            var pause = Jittered(interval);
            try
            {
                var glance = await look(key).ConfigureAwait(false);
                lock (_gate)
                {
                    watch.Tell(glance);
                }

                pause = glance is { } seen && seen.Remaining < pause ? seen.Remaining : pause;
            }
            catch (Exception)
            {
                // Whatever failed, waiting is only a hint, and whoever waits has a time limit of its own and then claims. The next look may succeed.
            }

            await Task.Delay(pause, time).ConfigureAwait(false);
        }
    }

    /// <summary>Up to a fifth sooner or later, so that processes that began together do not go on together.</summary>
    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.8 + (0.4 * Random.Shared.NextDouble()));

    /// <summary>All who wait for one record, used under the room's lock.</summary>
    private sealed class Watch
    {
        private readonly HashSet<Waiter> _waiters = [];
        private Glance? _last;

        public bool IsEmpty => _waiters.Count == 0;

        public void Add(Waiter waiter)
        {
            if (_last is not { } last || !waiter.IsWokenBy(last))
            {
                _waiters.Add(waiter);
            }
        }

        public void Remove(Waiter waiter) => _waiters.Remove(waiter);

        /// <summary>Tells what there is; nothing when nobody runs.</summary>
        public void Tell(Glance? glance)
        {
            _last = glance;
            _waiters.RemoveWhere(waiter => waiter.IsWokenBy(glance));
        }
    }

    private sealed class Waiter(long version)
    {
        private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long? _fence;

        public Task Changed => _changed.Task;

        /// <summary>Whether what there is ends the wait, which then has ended. A renewal, which changes the version only, does not.</summary>
        public bool IsWokenBy(Glance? glance)
        {
            if (glance is not { } seen || (_fence is { } fence ? seen.Fence != fence : seen.Version > version))
            {
                return _changed.TrySetResult() || true;
            }

            // A look from before the caller's own answer says nothing yet.
            _fence = _fence is null && seen.Version == version ? seen.Fence : _fence;
            return false;
        }
    }
}
