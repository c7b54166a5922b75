using System.Data;
using System.Data.Common;
using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>A connection with a transaction on it. No call of it ever waits for the client longer than it may: see <see cref="Patience"/>.</summary>
internal sealed class PostgreSqlTransaction(
    NpgsqlConnection connection, NpgsqlTransaction transaction, PostgreSqlRecords records, Faults faults, TimeSpan limit, TimeProvider time) : IStoreTransaction
{
    private Task _last = Task.CompletedTask;
    private bool _hasEnded;

    public DbTransaction Transaction => transaction;

    public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await StepAsync(
                stop => records.ClaimAsync(connection, transaction, key, request, wait, stop), limit + wait, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return PostgreSqlRecords.Busy;
        }
        catch (SetupException fault)
        {
            throw fault.Of(key); // with what to do
        }
    }

    public async ValueTask CommitAsync(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        bool isOwn;
        try
        {
            isOwn = await StepAsync(
                stop => records.CommitAsync(connection, key, owner, outcome, retention, stop), limit, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            throw new TransactionEndedException("its claim is not there any more, and nothing of what followed was committed.", gone);
        }
        catch (InvalidOperationException closed) when (closed.InnerException is not PostgresException && !connection.FullState.HasFlag(ConnectionState.Broken))
        {
            // Not one that broke by itself: what has become of its transaction is asked of the server.
            throw new TransactionEndedException("its connection cannot be used any more, and the outcome was not stored.", closed); // nothing was sent
        }

        if (!isOwn)
        {
            throw new TransactionEndedException("it committed, and the outcome could only be stored afterwards. A crash in between would have let it run again.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        if (_last.IsCompleted)
        {
            await EndAsync().ConfigureAwait(false);
        }
        else
        {
            _ = EndLateAsync(); // the connection is busy with a call that was given up
        }
    }

    private async ValueTask EndAsync()
    {
        try
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task EndLateAsync()
    {
        await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever failed, nobody waits for it, and what was not committed is gone with the connection.
        }
    }

    private async ValueTask<TAnswer> StepAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> step, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            return await Patience.AwaitAsync(
                stop =>
                {
                    var run = step(stop);
                    _last = run;
                    return run;
                },
                longest,
                time,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Patience.OutOfPatienceException)
        {
            throw faults.NoAnswer(longest); // with what to look for
        }
        catch (Exception failure) when (faults.Explain(failure) is { } explained)
        {
            throw explained; // with what to do
        }
    }
}
