using Idempotency.TestServers;

namespace Idempotency.DynamoDb.Tests;

/// <summary>
/// Clocks that stand until a test moves them, and timers that also come due in real time, for a client whose server answers in real
/// time. The wall clock never shows the same microsecond twice, as a real one hardly does.
/// </summary>
internal sealed class SteppedTime : TimeProvider
{
    private static readonly DateTimeOffset s_origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RunningTime _timers = new();
    private long _passed;
    private long _wall;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _passed);

    public override DateTimeOffset GetUtcNow() => s_origin + TimeSpan.FromTicks(Interlocked.Add(ref _wall, TimeSpan.TicksPerMicrosecond));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _timers.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan time)
    {
        Interlocked.Add(ref _passed, time.Ticks);
        Interlocked.Add(ref _wall, time.Ticks);
        _timers.Advance(time);
    }

    public void JumpWallClock(TimeSpan by) => Interlocked.Add(ref _wall, by.Ticks);
}
