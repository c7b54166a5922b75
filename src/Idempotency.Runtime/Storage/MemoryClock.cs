namespace Idempotency.Storage;

/// <summary>The store's one clock, monotonic, in ticks since it was made; and the one sequence of fences and versions.</summary>
internal sealed class MemoryClock(TimeProvider time)
{
    private readonly bool _isSystem = ReferenceEquals(time, TimeProvider.System);
    private readonly long _origin = ReferenceEquals(time, TimeProvider.System) ? SystemMilliseconds : time.GetTimestamp();
    private readonly DateTimeOffset _originUtc = time.GetUtcNow();

    // Starts at the wall clock's microseconds, so that fences keep growing for a downstream when the process starts again.
    private long _sequence = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public TimeProvider Time => time;

    public long Now => _isSystem
        ? (SystemMilliseconds - _origin) * TimeSpan.TicksPerMillisecond
        : time.GetElapsedTime(_origin).Ticks;

#pragma warning disable RS0030 // The system provider's own timestamp costs as much as finding a record; this is monotonic too, to a few milliseconds.
    private static long SystemMilliseconds => Environment.TickCount64;
#pragma warning restore RS0030

    public long NextVersion() => Interlocked.Increment(ref _sequence);

    /// <summary>Saturates: a retention of any length is a moment that can be compared.</summary>
    public static long After(long now, TimeSpan duration) => duration.Ticks > long.MaxValue - 1 - now ? long.MaxValue - 1 : now + duration.Ticks;

    public DateTimeOffset ToUtc(long ticks) =>
        ticks > (DateTimeOffset.MaxValue - _originUtc).Ticks ? DateTimeOffset.MaxValue : _originUtc + TimeSpan.FromTicks(ticks);
}
