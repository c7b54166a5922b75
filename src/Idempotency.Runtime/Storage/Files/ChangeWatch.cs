namespace Idempotency.Storage.Files;

/// <summary>
/// Wakes those who wait for a key. What this process reads or writes wakes them at once; that others wrote is told by the operating
/// system, which may fail to, so that a slow look is taken all the same while somebody waits.
/// </summary>
internal sealed class ChangeWatch : IDisposable
{
    private static readonly TimeSpan s_slowLook = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<KeyHash, TaskCompletionSource> _waited = [];
    private readonly ITimer _timer;
    private readonly string _directory;
    private readonly bool _isTold;
    private readonly Action _look;
    private FileSystemWatcher? _hints;
    private int _waiters;
    private bool _isDisposed;

    /// <param name="directory">Where the log is.</param>
    /// <param name="isTold">Whether the operating system is asked to tell what others write.</param>
    /// <param name="time">For the slow look.</param>
    /// <param name="look">Reads what others wrote and tells <see cref="Changed"/>.</param>
    public ChangeWatch(string directory, bool isTold, TimeProvider time, Action look)
    {
        _directory = directory;
        _isTold = isTold;
        _look = look;
        _timer = time.CreateTimer(static watch => ((ChangeWatch)watch!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The keys that somebody waits for.</summary>
    public KeyHash[] Waited
    {
        get
        {
            lock (_gate)
            {
                return [.. _waited.Keys];
            }
        }
    }

    /// <summary>Registers a wait before the record is looked at, so that no change is missed. <see cref="End"/> ends it.</summary>
    public Task Begin(KeyHash key)
    {
        lock (_gate)
        {
            if (_waiters++ == 0 && !_isDisposed)
            {
                _timer.Change(s_slowLook, s_slowLook);
                StartHints();
            }

            if (!_waited.TryGetValue(key, out var source))
            {
                source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waited.Add(key, source);
            }

            return source.Task;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_waiters == 0)
            {
                _waited.Clear();
            }
        }
    }

    /// <summary>Wakes whoever waits for this key.</summary>
    public void Changed(KeyHash key)
    {
        lock (_gate)
        {
            if (_waited.Remove(key, out var source))
            {
                source.TrySetResult();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            StopHints();
        }

        _timer.Dispose();
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            if (_waiters == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                StopHints();
                return;
            }
        }

        _look();
    }

    private void StartHints()
    {
        if (_hints is not null || !_isTold)
        {
            return;
        }

        try
        {
            _hints = new FileSystemWatcher(_directory, "*" + LogSegment.Suffix) { NotifyFilter = NotifyFilters.LastWrite };
            _hints.Changed += (_, _) => _look();
            _hints.EnableRaisingEvents = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            StopHints(); // the system has no more of them; the slow look is enough
        }
    }

    private void StopHints()
    {
        _hints?.Dispose();
        _hints = null;
    }
}
