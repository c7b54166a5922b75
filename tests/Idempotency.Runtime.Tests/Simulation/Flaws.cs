namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Mistakes that published stores and guards have made, each of which the simulation must notice.</summary>
[Flags]
internal enum Flaws
{
    None = 0,

    /// <summary>Whoever completes is believed to be the owner.</summary>
    CompletionIsNotChecked = 1 << 0,

    /// <summary>Whoever renews is believed to be the owner, and becomes it.</summary>
    RenewalOnlyLooksForARecord = 1 << 1,

    /// <summary>Whoever releases frees the key, whoever owns it now.</summary>
    ReleaseIsNotChecked = 1 << 2,

    /// <summary>A claim that is sent again finds its own record and takes it for another's.</summary>
    ClaimIsNotRecognised = 1 << 3,

    /// <summary>The retention starts with the claim.</summary>
    RetentionStartsWithClaim = 1 << 4,

    /// <summary>All who waited for a key that came free take it.</summary>
    EveryWaiterTakesOver = 1 << 5,

    /// <summary>An outcome that comes after the end of the lease is refused although nobody has taken over.</summary>
    CompletionNeedsTheLease = 1 << 6,

    /// <summary>A lapsed lease is taken over under every policy.</summary>
    HoldIsIgnored = 1 << 7,

    /// <summary>Tokens that ended may be granted again.</summary>
    EndedTokensAreForgotten = 1 << 8,

    /// <summary>The record is kept by its key alone, and its fingerprint is not compared.</summary>
    FingerprintIsIgnored = 1 << 9,

    /// <summary>A lease never ends.</summary>
    LeaseNeverEnds = 1 << 10,

    /// <summary>Guard: when the outcome cannot be saved, the key is freed.</summary>
    FailedSavingFreesTheKey = 1 << 11,

    /// <summary>Guard: the result is returned before the store has confirmed it.</summary>
    ResultIsReturnedUnconfirmed = 1 << 12,

    /// <summary>Guard: a call that gives up leaves its claim behind.</summary>
    NothingIsAbandoned = 1 << 13,

    /// <summary>Guard: a claim whose answer is lost counts as granted.</summary>
    SilenceIsConsent = 1 << 14,
}
