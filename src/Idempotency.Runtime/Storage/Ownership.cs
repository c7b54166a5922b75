namespace Idempotency.Storage;

/// <summary>What an owner shows with every write. A record is its own only when both are the recorded ones.</summary>
/// <param name="Token">The call's token.</param>
/// <param name="Fence">The fence its claim was granted with.</param>
public readonly record struct Ownership(OwnerToken Token, long Fence);
