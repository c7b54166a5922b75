namespace Idempotency.Redis;

/// <summary>Times as scripts count them: in microseconds, and for keys that expire in milliseconds.</summary>
internal static class RedisTime
{
    // The server adds its own clock and refuses what overflows; nobody waits 280,000 years for the difference.
    private const long MostMilliseconds = 1L << 53;
    private const long MostMicroseconds = (long)MostMilliseconds * 1000;

    /// <summary>Rounded up, so that nothing ends early and only no time at all is zero.</summary>
    public static long ToMicroseconds(TimeSpan time)
    {
        var ticks = Math.Max(0, time.Ticks);
        return Math.Min((ticks / TimeSpan.TicksPerMicrosecond) + (ticks % TimeSpan.TicksPerMicrosecond == 0 ? 0 : 1), MostMicroseconds);
    }

    /// <summary>Rounded up, and at least one, because zero is no time that a key can live.</summary>
    public static long ToMilliseconds(TimeSpan time) => Math.Clamp((ToMicroseconds(time) + 999) / 1000, 1, MostMilliseconds);

    /// <summary>The end of time, as .NET knows it, for what is later.</summary>
    public static DateTimeOffset ToUtc(long microseconds) =>
        microseconds < (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond
            ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : DateTimeOffset.MaxValue;
}
