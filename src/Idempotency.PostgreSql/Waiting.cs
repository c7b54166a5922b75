using Idempotency.Keys;

namespace Idempotency.PostgreSql;

/// <summary>
/// All callers of this process that wait for records: those of one key share a watch, all watches share one statement that looks at
/// them from time to time, and one connection on which their ends are told. No caller takes a thread or a connection.
/// </summary>
internal sealed class Waiting(PostgreSqlRecords records, Connections connections, Listener? listener, PostgreSqlStoreOptions options, TimeProvider time) : IDisposable
{
    /// <summary>What a timer can count.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    private readonly TimeSpan _limit = options.CommandTimeout;
    private readonly TimeSpan _interval = options.PollInterval;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Watch>> _watches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _sooner = NewSignal();
    private bool _isLooking;
    private bool _isListening;

    /// <summary>Returns when the record may have changed, when its lease ends, or after the timeout, which counts from now.</summary>
    public async ValueTask JoinAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (timeout <= TimeSpan.Zero || _stop.IsCancellationRequested)
        {
            return;
        }

        var watch = Join(key, version);
        try
        {
            await watch.Changed.WaitAsync(Least(timeout, s_longest), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Leave(watch);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Lets everybody go.</summary>
    public void Dispose()
    {
        Patience.Cancel(_stop);
        Wake(All());
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static void Wake(IEnumerable<Watch> watches)
    {
        foreach (var watch in watches)
        {
            watch.Wake();
        }
    }

    private Watch Join(IdempotencyKey key, long version)
    {
        lock (_gate)
        {
            if (!_watches.TryGetValue(key.Text, out var watches))
            {
                _watches.Add(key.Text, watches = []);
            }

            var watch = watches.Find(watch => watch.Version == version && !watch.Changed.IsCompleted);
            if (watch is null)
            {
                watches.Add(watch = new Watch(key, version));

                // For all who will wait, not only for this call, whose context it must not carry; and not under the lock.
                ThreadPool.UnsafeQueueUserWorkItem(static begun => _ = begun.Waiting.BeginAsync(begun.Watch), (Waiting: this, Watch: watch), preferLocal: false);
            }

            watch.Waiters++;
            return watch;
        }
    }

    private void Leave(Watch watch)
    {
        lock (_gate)
        {
            if (--watch.Waiters > 0)
            {
                return;
            }

            var watches = _watches[watch.Key.Text];
            watches.Remove(watch);
            if (watches.Count == 0)
            {
                _watches.Remove(watch.Key.Text);
            }
        }
    }

    private List<Watch> All()
    {
        lock (_gate)
        {
            return [.. _watches.Values.SelectMany(static watches => watches)];
        }
    }

    private void Hear(string key)
    {
        lock (_gate)
        {
            Wake(_watches.GetValueOrDefault(key) ?? []);
        }
    }

    /// <summary>Looks at the record for the first time; marks it, so that its end is told.</summary>
    private async Task BeginAsync(Watch watch)
    {
        try
        {
            await ListenAsync().ConfigureAwait(false);
            var mark = listener is { IsListening: true };
            var seen = await connections.UseAsync(
                _limit, (connection, stop) => records.WatchAsync(connection, watch.Key, watch.Version, mark, stop), _stop.Token).ConfigureAwait(false);
            if (seen is not { } running)
            {
                watch.Wake();
                return;
            }

            lock (_gate)
            {
                watch.Fence = running.Fence;
                watch.LeaseEnd = In(running.Left);
                _sooner.TrySetResult();
                if (!_isLooking)
                {
                    _isLooking = true;
                    _ = LookAsync();
                }
            }
        }
        catch (Exception)
        {
            // Whatever failed, a wait is only a hint: those who wait claim again, and learn from that what is wrong.
            watch.Wake();
        }
    }

    /// <summary>Starts to listen with the first who waits, who does not wait for it for longer than until he would look anyway.</summary>
    private async Task ListenAsync()
    {
        if (listener is null)
        {
            return;
        }

        lock (_gate)
        {
            if (!_isListening)
            {
                _isListening = true;
                _ = Task.Run(() => listener.RunAsync(Hear, _stop.Token));
            }
        }

        await listener.Tried.WaitAsync(_interval, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Looks at all records that are waited for, at the interval and when a lease should be over, until nobody waits.</summary>
    private async Task LookAsync()
    {
        var next = In(_interval);
        while (true)
        {
            List<Watch> watches;
            Task sooner;
            TimeSpan pause;
            lock (_gate)
            {
                watches = [.. All().Where(static watch => watch.Fence is not null && !watch.Changed.IsCompleted)];
                _isLooking = watches.Count > 0 && !_stop.IsCancellationRequested;
                if (!_isLooking)
                {
                    return;
                }

                _sooner = _sooner.Task.IsCompleted ? NewSignal() : _sooner;
                sooner = _sooner.Task;
                pause = time.GetElapsedTime(time.GetTimestamp(), Math.Min(next, watches.Min(static watch => watch.LeaseEnd)));
            }

            if (pause > TimeSpan.Zero)
            {
                await sooner.WaitAsync(pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue; // another watch may have come, whose lease ends sooner
            }

            await LookAsync(watches).ConfigureAwait(false);
            next = In(_interval);
        }
    }

    private async Task LookAsync(List<Watch> watches)
    {
        try
        {
            IdempotencyKey[] keys = [.. watches.Select(static watch => watch.Key).Distinct()];
            var running = await connections.UseAsync(_limit, (connection, stop) => records.LookAsync(connection, keys, stop), _stop.Token).ConfigureAwait(false);
            var byKey = running.ToDictionary(static seen => seen.Key, StringComparer.Ordinal);
            lock (_gate)
            {
                foreach (var watch in watches)
                {
                    if (byKey.TryGetValue(watch.Key.Text, out var seen) && seen.Fence == watch.Fence)
                    {
                        watch.LeaseEnd = In(seen.Left); // renewed, perhaps
                    }
                    else
                    {
                        watch.Wake();
                    }
                }
            }
        }
        catch (Exception)
        {
            // Whatever failed, those who wait claim again, and learn from that what is wrong.
            Wake(watches);
        }
    }

    private long In(TimeSpan duration) => time.GetTimestamp() + (long)(Least(duration, s_longest).TotalSeconds * time.TimestampFrequency);
}
