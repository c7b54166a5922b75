namespace Idempotency.Storage.Files;

/// <summary>A step on one record, under the log's lock. It sets <paramref name="record"/> to what the record became.</summary>
internal delegate TAnswer RecordStep<TAnswer>(ClaimTable table, ref FileRecord? record);

/// <summary>An opened store: the log, who is alive, who waits, and what is tidied up in the background.</summary>
internal sealed partial class FileStoreEngine : IDisposable
{
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly SharedLog _log;
    private readonly Liveness _liveness;
    private readonly ClaimTable _table;
    private readonly LogQueue _queue;
    private readonly ChangeWatch _watch;
    private readonly ITimer _timer;
    private int _isLooking;
    private volatile bool _isDisposed;
    private volatile bool _isUnseen;

    private FileStoreEngine(string directory, SharedLog log, Liveness liveness, TimeSpan tombstone, int capacity, bool isTold, TimeProvider time)
    {
        (_directory, _time, _log, _liveness) = (directory, time, log, liveness);
        _table = new ClaimTable(log, liveness, time, tombstone, capacity);
        _queue = new LogQueue(log);
        _watch = new ChangeWatch(directory, isTold, time, () => _ = LookAsync());
        log.Changed = _watch.Changed;
        _timer = time.CreateTimer(static engine => _ = ((FileStoreEngine)engine!).TidyAsync(), this, s_tidying, s_tidying);
    }

    public int Count => _log.Index.Count;

    public static FileStoreEngine Open(
        string directory, FileDurability durability, int leastSegment, TimeSpan tombstone, int capacity, bool isTold, TimeProvider time)
    {
        var log = new SharedLog(directory, durability, leastSegment);
        Liveness? liveness = null;
        try
        {
            log.LoadFinished();
            log.EnterSoon();
            try
            {
                log.RequireLocks();
                liveness = new Liveness(directory);
                log.Start();
                liveness.RemoveDead();
            }
            finally
            {
                log.Exit();
            }

            return new FileStoreEngine(directory, log, liveness, tombstone, capacity, isTold, time);
        }
        catch
        {
            liveness?.Dispose(); // thrown on; only what was opened must not stay behind
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The answer to a claim of a key that is known to have ended, without the log: only of such a record nothing can have changed
    /// that is not known here yet.
    /// </summary>
    public Claim? Ended(in KeyHash key, in ClaimRequest request) =>
        !_isDisposed && _log.Index.Find(key) is { IsEnded: true } record && record.Sequence <= _log.Synced && !record.IsExpired(_table.Now)
            ? ClaimTable.AnswerEnded(record, request, _log.Index.ResultOf(record))
            : null;

    public ValueTask<TAnswer> StepAsync<TAnswer>(KeyHash key, RecordStep<TAnswer> step) => DoAsync(() =>
    {
        RequireSeen();
        var record = _table.Find(key);
        var answer = step(_table, ref record);
        return (answer, record?.Sequence ?? 0);
    });

    /// <summary>A claim is answered also when the records cannot be read: that is never the same as none.</summary>
    public async ValueTask<Claim> ClaimAsync(KeyHash key, RecordStep<Claim> step)
    {
        try
        {
            return await StepAsync(key, step).ConfigureAwait(false);
        }
        catch (InvalidDataException damage)
        {
            return new Claim.Unreadable(damage.Message);
        }
    }

    public async ValueTask WaitAsync(KeyHash key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var changed = _watch.Begin(key);
        try
        {
            var isWorthIt = await StepAsync(
                key,
                (ClaimTable table, ref FileRecord? record) =>
                    record is { State: RecordState.InProgress } && record.Version == version && !table.IsLeaseOver(record)).ConfigureAwait(false);
            if (isWorthIt && timeout > TimeSpan.Zero)
            {
                await changed.WaitAsync(timeout < s_longestWait ? timeout : s_longestWait, _time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _watch.End();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public async ValueTask<int> PurgeAsync(int max)
    {
        var purged = 0;
        for (var table = 0; table < RecordIndex.Tables && purged < max; table += 256)
        {
            var first = table;
            purged += await DoAsync(() => (_log.Sweep(first, 256, _table.Now, max - purged), 0L)).ConfigureAwait(false);
        }

        return purged;
    }

    /// <summary>Ends as the process would end: at once, and without a word to others. For tests of what that leaves.</summary>
    public void Crash()
    {
        if (TryStop())
        {
            _liveness.Die();
            _log.Dispose();
        }
    }

    public void Dispose()
    {
        if (!TryStop())
        {
            return;
        }

        if (OwnsAny())
        {
            _liveness.Keep();
        }
        else
        {
            _liveness.Dispose();
        }

        _log.Dispose();
    }

    /// <summary>Stops everything that runs by itself, and waits for the last round.</summary>
    /// <returns><see langword="false"/> when it was stopped before, or cannot be: the handles are then closed with the process.</returns>
    private bool TryStop()
    {
        if (_isDisposed)
        {
            return false;
        }

        _isDisposed = true;
        _timer.Dispose();
        _watch.Dispose();
        var last = new LogStep<bool>(static () => (true, 0));
        _queue.Add(last);
        return ((IAsyncResult)last.Task).AsyncWaitHandle.WaitOne(s_closing); // not if whoever holds the log's lock is stopped
    }

    private ValueTask<TAnswer> DoAsync<TAnswer>(Func<(TAnswer Answer, long RestsOn)> run)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(FileStore));
        var step = new LogStep<TAnswer>(run);
        _queue.Add(step);
        return new ValueTask<TAnswer>(step.Task);
    }

    private void RequireSeen()
    {
        if (_isUnseen)
        {
            throw new IOException($"Files of the store in '{_directory}' were removed while it was open, so that others may not see what this process owns. Restart the process.");
        }
    }

    private async Task LookAsync()
    {
        if (_isDisposed || Interlocked.Exchange(ref _isLooking, 1) == 1)
        {
            return;
        }

        try
        {
            await DoAsync(() =>
            {
                // What others wrote was read before this step; what is left are owners that have ended without a word.
                Volatile.Write(ref _isLooking, 0);
                foreach (var key in _watch.Waited)
                {
                    if (_table.Find(key) is not { State: RecordState.InProgress } record || _table.IsLeaseOver(record))
                    {
                        _watch.Changed(key);
                    }
                }

                return (true, 0L);
            }).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nobody waits for a look. What failed is told to callers, and must not keep the next look from being taken.
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private bool OwnsAny() => _log.Index.Where((in RecordEntry entry) => !entry.IsExpiring && entry.Process == _liveness.Own.Value).Count > 0;
}
