using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>What claiming ended with.</summary>
/// <param name="Answer">The store's last answer; never <see cref="Claim.Busy"/> or stale.</param>
/// <param name="Token">The token it answered to.</param>
/// <param name="SentAt">When that claim was sent.</param>
/// <param name="HasWaited">Whether the caller waited for another's attempt.</param>
internal readonly record struct Claimed(Claim Answer, OwnerToken Token, long SentAt, bool HasWaited);
