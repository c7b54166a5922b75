namespace Idempotency.Storage;

/// <summary>A store's answer to a claim. Closed: these are all there are. A store that cannot answer throws.</summary>
public abstract record Claim
{
    private Claim()
    {
    }

    /// <summary>The token was ended before, by an abandon, a release or a take-over. Claim again with a new one.</summary>
    public static Claim Stale { get; } = new StaleToken();

    /// <summary>The key was used with another fingerprint.</summary>
    public static Claim Mismatch { get; } = new Mismatched();

    /// <summary>The caller owns the key and must run the body.</summary>
    /// <param name="Fence">Grows with every grant of the whole store; where servers share the keys and each has its own clock, with every grant of the key.</param>
    /// <param name="Attempt">Counts the grants of this key since it was last free of a record, from 1.</param>
    /// <param name="TakenOver">Whether the key was taken from an owner whose lease was over.</param>
    public sealed record Acquired(long Fence, int Attempt, bool TakenOver) : Claim;

    /// <summary>Another owner is running.</summary>
    /// <param name="Attempt">Its attempt.</param>
    /// <param name="Remaining">What is left of its lease.</param>
    /// <param name="Version">The record's version, to wait for a change of.</param>
    public sealed record Busy(int Attempt, TimeSpan Remaining, long Version) : Claim;

    /// <summary>An outcome is stored.</summary>
    /// <param name="Outcome">The outcome.</param>
    public sealed record Finished(StoredOutcome Outcome) : Claim;

    /// <summary>An owner vanished under <see cref="OnCrash.Hold"/>, and nobody may run the body.</summary>
    /// <param name="Attempt">The attempt that vanished.</param>
    /// <param name="Since">When its lease was found to be over.</param>
    public sealed record InDoubt(int Attempt, DateTimeOffset Since) : Claim;

    /// <summary>There is a record, but not one that this version can read or trust. It is never treated as absent.</summary>
    /// <param name="Reason">What is wrong with it, as a sentence.</param>
    public sealed record Unreadable(string Reason) : Claim;

    private sealed record StaleToken : Claim;

    private sealed record Mismatched : Claim;
}
