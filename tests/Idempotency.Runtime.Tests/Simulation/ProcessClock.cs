namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The world's time as one process sees it: its timers stand still while it is paused and end with it.</summary>
internal sealed class ProcessClock(TimeProvider world, SimulatedProcess process) : TimeProvider
{
    public override long TimestampFrequency => world.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => world.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        world.CreateTimer(_ => process.Deliver(() => callback(state)), null, dueTime, period);
}
