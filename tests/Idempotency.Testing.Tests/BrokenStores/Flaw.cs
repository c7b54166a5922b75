namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>Mistakes that stores make, each of which the contract must notice.</summary>
public enum Flaw
{
    None,

    /// <summary>Whoever completes is believed to be the owner.</summary>
    CompletionIsNotChecked,

    /// <summary>Whoever fails frees the key, whoever owns it now.</summary>
    ReleaseIsNotChecked,

    /// <summary>A renewal asks only whether there is a record.</summary>
    RenewalIsNotChecked,

    /// <summary>A claim that is sent again finds its own record and takes it for another's.</summary>
    ClaimIsNotRecognised,

    /// <summary>A lease never ends.</summary>
    LeaseNeverEnds,

    /// <summary>
    /// A lease lasts as long as its owner, and ends only with a renewal by zero. No flaw where
    /// <see cref="StoreContract.LeasesEndByTime"/> says so.
    /// </summary>
    LeaseLastsAsLongAsItsOwner,

    /// <summary>Looking and taking are two steps.</summary>
    ClaimLooksAndThenTakes,

    /// <summary>What is in progress disappears with its lease.</summary>
    RecordExpiresWithItsLease,

    /// <summary>An outcome that comes after the end of the lease is refused although nobody has taken over.</summary>
    CompletionNeedsTheLease,

    /// <summary>The retention starts with the claim.</summary>
    RetentionStartsWithTheClaim,

    /// <summary>A freed key leaves no tombstone.</summary>
    ReleaseDeletes,

    /// <summary>An outcome is refused while the record is in doubt, although its owner brings it.</summary>
    CompletionOfDoubtIsRefused,

    /// <summary>Fences are counted in the record, and start again when it is gone.</summary>
    FenceIsPerRecord,

    /// <summary>Tokens that ended may be granted again.</summary>
    EndedTokensAreForgotten,

    /// <summary>Only one ended token is remembered.</summary>
    OneEndedTokenIsRemembered,

    /// <summary>An abandoned claim that has not arrived yet leaves no trace.</summary>
    AbandonNeedsARecord,

    /// <summary>A lapsed lease is taken over under every policy.</summary>
    HoldIsRetry,

    /// <summary>A lapsed lease is in doubt under every policy.</summary>
    RetryIsHold,

    /// <summary>Doubt that is found is not written down.</summary>
    DoubtIsNotKept,

    /// <summary>Fingerprints are not compared.</summary>
    FingerprintIsIgnored,

    /// <summary>The fingerprint is lost when a key is taken over.</summary>
    TakeOverLosesTheFingerprint,

    /// <summary>Only as much of a fingerprint is compared as both have.</summary>
    FingerprintsAreComparedAsPrefixes,

    /// <summary>Purging takes what is in progress for longer than the retention.</summary>
    PurgeRemovesWhatRuns,

    /// <summary>Purging pays no attention to how much it may remove.</summary>
    PurgeIsUnbounded,

    /// <summary>A completion that is sent again is refused.</summary>
    RepeatedCompletionIsRefused,

    /// <summary>A completion that is sent again replaces the outcome and starts the retention anew.</summary>
    RepeatedCompletionReplaces,

    /// <summary>A release that is sent again is refused.</summary>
    RepeatedReleaseIsRefused,

    /// <summary>Nobody tells the waiters.</summary>
    WaitersAreNotWoken,

    /// <summary>A wait ends only with a change, whatever timeout or token say.</summary>
    WaitsAreEndless,

    /// <summary>A wait returns at once.</summary>
    WaitsDoNotWait,

    /// <summary>The payload is kept as text.</summary>
    PayloadIsText,

    /// <summary>The payload is cut at 64 KiB.</summary>
    PayloadIsCut,

    /// <summary>A failure is kept as a result.</summary>
    FailureIsAResult,

    /// <summary>Renewals change the record without changing its version.</summary>
    RenewalKeepsTheVersion,

    /// <summary>An operator resolves whatever is there, whatever version he saw.</summary>
    ResolutionIgnoresTheVersion,

    /// <summary>An operator may resolve what runs.</summary>
    ResolutionIgnoresTheLease,

    /// <summary>A resolution leaves the record to its owner.</summary>
    ResolutionLeavesTheOwner,

    /// <summary>Keys are kept in lower case.</summary>
    KeysAreLowerCased,

    /// <summary>Keys are kept up to their 64th byte.</summary>
    KeysAreCut,

    /// <summary>Times are the wall clock's.</summary>
    LeaseIsOfTheWallClock,

    /// <summary>Cancelled calls are applied all the same.</summary>
    CancellationIsIgnored,

    /// <summary>A lease of zero is renewed as if it were the usual one.</summary>
    ZeroLeaseIsTheDefault,

    /// <summary>An outcome expires one tick late.</summary>
    RetentionIsATickTooLong,

    /// <summary>A lease ends one tick early.</summary>
    LeaseIsATickTooShort,
}
