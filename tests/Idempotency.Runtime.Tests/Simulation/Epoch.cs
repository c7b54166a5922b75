using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>A key's life from the first claim to the end of its outcome's retention.</summary>
internal sealed class Epoch(int number)
{
    public int Number => number;

    public int Starts { get; set; }

    public int Effects { get; set; }

    /// <summary>How many effects happened whose owner then reported a failure that frees the key.</summary>
    public int EffectsGivenUp { get; set; }

    /// <summary>How often a lease was over and another owner took the key.</summary>
    public int Lapses { get; set; }

    /// <summary>How often the owner or an operator freed the key.</summary>
    public int Releases { get; set; }

    /// <summary>How many tokens have ended: a store remembers the last few.</summary>
    public int EndedTokens { get; set; }

    public Grant? Winner { get; set; }

    public StoredOutcome? Outcome { get; set; }

    public TimeSpan? EndsAt { get; set; }

    /// <summary>The one result that callers have seen.</summary>
    public int? Visible { get; set; }

    public bool IsOver(TimeSpan now) => EndsAt <= now;
}
