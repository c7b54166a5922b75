namespace Idempotency.Storage;

/// <summary>What a caller asks a store for.</summary>
/// <param name="Token">The call's token; the same in every repetition of this claim.</param>
/// <param name="Lease">How long the claim lasts unless renewed.</param>
/// <param name="OnCrash">What becomes of a record whose owner's lease is over.</param>
/// <param name="Fingerprint">The hash of the arguments that are not in the key; empty when all of them are. Nobody changes the
/// memory later: a store may keep it.</param>
public readonly record struct ClaimRequest(OwnerToken Token, TimeSpan Lease, OnCrash OnCrash, ReadOnlyMemory<byte> Fingerprint);
