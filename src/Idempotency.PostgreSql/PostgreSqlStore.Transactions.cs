using System.Data;
using Idempotency.Keys;
using Idempotency.PostgreSql;
using Idempotency.Storage;
using Npgsql;

namespace Idempotency;

/// <content>Bodies that work in the store's own database, in the transaction that their outcome is committed in.</content>
public sealed partial class PostgreSqlStore : ITransactionalStore
{
    private readonly TimeProvider _time;
    private readonly Faults _faults;
    private readonly IsolationLevel _isolation;

    /// <inheritdoc/>
    /// <exception cref="TimeoutException">There was no answer.</exception>
    public async ValueTask<IStoreTransaction> BeginAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        ClaimableKey.Require(key);
        NpgsqlConnection connection;
        try
        {
            connection = await _connections.OpenAsync(_limit, cancellationToken).ConfigureAwait(false);
        }
        catch (SetupException fault)
        {
            throw fault.Of(key); // with what to do
        }

        try
        {
            // Sent with the first statement.
            var transaction = await connection.BeginTransactionAsync(_isolation, cancellationToken).ConfigureAwait(false);
            return new PostgreSqlTransaction(connection, transaction, _records, _faults, _limit, _time);
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw; // whatever failed
        }
    }

    /// <inheritdoc/>
    public TransactionFate FateAfter(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected }:
                    return TransactionFate.Conflict;

                // An error is said of a transaction that goes on to its end, which can only be a rollback. Whoever was cancelled was not
                // refused, and a server that gives the connection up may have committed before.
                case PostgresException { InvariantSeverity: "ERROR", SqlState: not PostgresErrorCodes.QueryCanceled and not PostgresErrorCodes.StatementCompletionUnknown }:
                case TransactionEndedException:
                    return TransactionFate.RolledBack;
                case AggregateException { InnerExceptions: { Count: > 1 } several }:
                    return several.Select(FateAfter).Max();
            }
        }

        return TransactionFate.Unknown;
    }
}
