namespace Idempotency.Execution;

/// <summary>How long to pause before a store is asked again: doubling, bounded, and spread so that callers do not ask in step.</summary>
internal struct Backoff(TimeProvider time, TimeSpan longest)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(10);

    private TimeSpan _next = s_first < longest ? s_first : longest;

    public Task PauseAsync(CancellationToken cancellationToken) => PauseAsync(longest, cancellationToken);

    public Task PauseAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        // The clock's last digits differ between callers and need no generator whose state a restored snapshot would repeat.
        var spread = 0.5 + ((ulong)time.GetTimestamp() * 0x9E3779B97F4A7C15 >> 40) / (double)(1 << 25);
        var pause = _next * spread;
        _next = _next * 2 < longest ? _next * 2 : longest;

        // Not the delay's own cancellation, which goes by way of the thread pool: nothing here may need a pool that is starved.
        return Task.Delay(pause < atMost ? pause : atMost, time, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
