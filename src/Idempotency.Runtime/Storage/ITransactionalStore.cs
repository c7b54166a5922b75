using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// A store whose records can be claimed and completed inside a transaction of the database they are in, so that what a body writes
/// there and the outcome are committed together or not at all.
/// </summary>
public interface ITransactionalStore : IIdempotencyStore
{
    /// <summary>Opens a connection and a transaction on it. What fails here has changed nothing.</summary>
    /// <param name="key">The key that it is for, to be named in what is thrown.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="StoreRefusedException">It is not set up for this, and trying again changes nothing until somebody has acted.</exception>
    ValueTask<IStoreTransaction> BeginAsync(IdempotencyKey key, CancellationToken cancellationToken);

    /// <summary>
    /// What is known of a transaction in which this was thrown, by a command of the store or of the body or by the commit, however
    /// deep in the chain of causes the database's own answer is. It never throws.
    /// </summary>
    TransactionFate FateAfter(Exception failure);
}
