namespace Idempotency.Execution;

/// <summary>How long to pause before a store is asked again: doubling, bounded, and spread so that callers do not ask in step.</summary>
internal struct Backoff(TimeProvider time, TimeSpan longest)
{
    // A timer counts whole milliseconds; a shorter pause would be none.
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(10);

    private readonly TimeSpan _longest = longest > s_least ? longest : s_least;
    private TimeSpan _next = s_first;

    public Task PauseAsync(CancellationToken cancellationToken) => PauseAsync(_longest, cancellationToken);

    public Task PauseAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        // The clock's last digits differ between callers and need no generator whose state a restored snapshot would repeat.
        var spread = 0.5 + ((ulong)time.GetTimestamp() * 0x9E3779B97F4A7C15 >> 40) / (double)(1 << 25);
        var pause = (_next < _longest ? _next : _longest) * spread;
        _next = _next < _longest ? _next * 2 : _longest;
        pause = pause < atMost ? pause : atMost;

        // Not the delay's own cancellation, which goes by way of the thread pool: nothing here may need a pool that is starved.
        return Task.Delay(pause > s_least ? pause : s_least, time, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
