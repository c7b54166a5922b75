using System.Data.Common;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// One transaction of a database, in which a key is claimed, a body writes and the outcome is stored. Disposing one that was not
/// committed rolls it back. Used by one caller at a time, for one key.
/// </summary>
public interface IStoreTransaction : IAsyncDisposable
{
    /// <summary>The transaction itself, for the body. Its connection is open.</summary>
    DbTransaction Transaction { get; }

    /// <summary>
    /// As <see cref="IIdempotencyStore.TryClaimAsync"/>, inside this transaction: others see the claim when it is committed, and until
    /// then a claim of the same key waits for this transaction to end.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="request">What is asked for. The token is of this transaction alone.</param>
    /// <param name="wait">
    /// How long to wait for another transaction that holds the key before the answer is <see cref="Claim.Busy"/>; zero does not wait.
    /// A record that another owner has in progress under a lease is never waited for.
    /// </param>
    /// <param name="cancellationToken">Ends the claim. The transaction is good for nothing then, as after every failure.</param>
    ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Stores the outcome of the key that was claimed in this transaction and commits all of it.</summary>
    /// <remarks>
    /// Returns only when it is committed. <see cref="ITransactionalStore.FateAfter"/> says what anything thrown here means; the claim
    /// that is missing, because the body ended the transaction or removed the record, is <see cref="TransactionFate.RolledBack"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The body has ended the transaction itself. Nothing was committed here.</exception>
    ValueTask CommitAsync(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken);
}
