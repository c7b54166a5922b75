using System.Globalization;

namespace Idempotency.Testing;

/// <summary>A moment that is known only to lie between two others, in ticks of the history.</summary>
internal readonly record struct SpecWindow(long Earliest, long Latest)
{
    public static SpecWindow Never { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>A time after a call took effect.</summary>
    public static SpecWindow After(SpecCall call, TimeSpan time) => new(Sum(call.CalledAt, time.Ticks), Sum(call.ReturnedAt, time.Ticks));

    /// <summary>Whether a call may have met the time before this moment.</summary>
    public bool MayBeAhead(SpecCall call, long tolerance) => call.CalledAt < Sum(Latest, tolerance);

    /// <summary>Whether a call may have met this moment or the time after it.</summary>
    public bool MayBeOver(SpecCall call, long tolerance) => Earliest != long.MaxValue && call.ReturnedAt >= Earliest - tolerance;

    public override string ToString() => this == Never ? "never" : $"{Micro(Earliest)} to {Micro(Latest)}";

    private static string Micro(long ticks) =>
        ticks == long.MaxValue ? "?" : TimeSpan.FromTicks(ticks).TotalMicroseconds.ToString("0.0", CultureInfo.InvariantCulture) + " µs";

    private static long Sum(long moment, long time) => time > long.MaxValue - moment ? long.MaxValue : moment + time;
}
