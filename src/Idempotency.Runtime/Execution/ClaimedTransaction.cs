using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>What claiming in a transaction ended with.</summary>
/// <param name="Answer">The store's last answer; never <see cref="Claim.Busy"/> or stale.</param>
/// <param name="Transaction">The transaction the claim was granted in; <see langword="null"/> when it was not, and nothing is open.</param>
/// <param name="Token">The token it answered to.</param>
internal readonly record struct ClaimedTransaction(Claim Answer, OpenTransaction? Transaction, OwnerToken Token);
