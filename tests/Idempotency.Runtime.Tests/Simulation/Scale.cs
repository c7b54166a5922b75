namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The durations of the simulated world, as far apart as the real ones but small enough to read.</summary>
internal static class Scale
{
    public static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(600);
    public static readonly TimeSpan StoreTimeout = Lease / 6;
    public static readonly TimeSpan ClaimTimeout = Lease / 2;
    public static readonly TimeSpan FastMessage = TimeSpan.FromMilliseconds(4);
    public static readonly TimeSpan SlowMessage = 2 * Lease;
    public static readonly TimeSpan LatestGhost = 4 * Lease;
    public static readonly TimeSpan BackgroundCompletion = 5 * Lease;
    public static readonly TimeSpan LongestWait = 3 * Lease;

    /// <summary>When the network heals, the paused go on, and nothing bad happens any more.</summary>
    public static readonly TimeSpan Healing = 12 * Lease;

    /// <summary>How long after the healing the slowest call may take to end.</summary>
    public static readonly TimeSpan Patience = 30 * Lease;

    /// <summary>How long everything needs, once all calls have ended, to come to rest.</summary>
    public static readonly TimeSpan Settling = LatestGhost + BackgroundCompletion + (3 * Lease);
}
