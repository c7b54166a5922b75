using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>Runs a body in the transaction its key was claimed in, and commits both or neither.</summary>
internal sealed class TransactionRunner(
    TimeProvider time, IdempotencyOptions options, OutcomeCodec codec, TransactionSubjects subjects, IdempotencyTelemetry telemetry)
{
    /// <summary>Whatever the body or the database threw for good reaches the caller from here, and the transaction has ended by then.</summary>
    public async ValueTask<TransactionTry<TResult>> RunAsync<TState, TResult>(
        GuardedCall<TState, TResult> call,
        ITransactionalStore store,
        OpenTransaction transaction,
        Claim.Acquired acquired,
        Ownership owner,
        TransactionProgress progress,
        CancellationToken cancellationToken)
    {
        var (operation, key) = (call.Operation, call.Key);
        if (acquired.TakenOver)
        {
            telemetry.TookOver(key.Operation, key, acquired.Attempt);
        }

        using var attempt = new TransactionAttempt(store, key, acquired.Fence, acquired.Attempt, options.ExecutionLimit, time, telemetry);
        attempt.Hold();
        try
        {
            EncodedResult<TResult> encoded;
            var view = await subjects.MakeAsync(operation, store, transaction.Transaction, cancellationToken).ConfigureAwait(false);
            await using (view.ConfigureAwait(false))
            {
                try
                {
                    if (operation.CancelBody)
                    {
                        attempt.FollowCaller(cancellationToken);
                    }

                    progress.Outcome = IdempotencyDiagnostics.Executed;
                    attempt.BeginBody(view.Value);
                    var result = await call.Body(call.State, attempt).ConfigureAwait(false);
                    await view.SaveAsync(attempt.CancellationToken).ConfigureAwait(false); // of the body still: an interceptor is the user's code
                    attempt.EndBody();
                    attempt.Dispose();
                    encoded = codec.Encode(operation, result, keepsObjects: false);
                }
                catch (Exception failure) when (store.FateAfter(failure) == TransactionFate.Conflict)
                {
                    attempt.EndBody();
                    attempt.Dispose();
                    return new TransactionTry<TResult>(default, TransactionFate.Conflict, failure);
                }
                catch (Exception failure)
                {
                    // The body may throw anything, and the caller gets just that. What it did in the database is taken back.
                    attempt.Dispose();
                    attempt.EndHold();
                    progress.BodyFailure = failure;
                    await view.DisposeAsync().ConfigureAwait(false);
                    await FailAsync(call, store, transaction, failure).ConfigureAwait(false);
                    if (failure is OperationCanceledException && attempt.IsOverLimit && !(operation.CancelBody && cancellationToken.IsCancellationRequested))
                    {
                        throw LeaseLostException.RolledBackOverLimit(key.Operation, key.Text, options.ExecutionLimit, failure);
                    }

                    throw;
                }
            }

            attempt.EndHold();
            try
            {
                await transaction.CommitAsync(key, owner, encoded.Outcome, operation.Ttl ?? options.DefaultTtl).ConfigureAwait(false);
                return new TransactionTry<TResult>(encoded, null, null);
            }
            catch (Exception failure) when (store.FateAfter(failure) is var fate and not TransactionFate.RolledBack)
            {
                // Whatever failed, the store says what it means for the transaction: it is known to have been rolled back, or is asked.
                return new TransactionTry<TResult>(encoded, fate, failure);
            }
            catch (Exception failure)
            {
                // The database refused what the body did only now, as a deferred constraint does: it is the body's failure.
                progress.BodyFailure = failure;
                await FailAsync(call, store, transaction, failure).ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            attempt.EndHold();
        }
    }

    /// <summary>Rolls back, and then keeps the failure if the operation says so.</summary>
    private async ValueTask FailAsync<TState, TResult>(
        GuardedCall<TState, TResult> call, ITransactionalStore store, OpenTransaction transaction, Exception failure)
    {
        await transaction.EndAsync().ConfigureAwait(false);
        if (FailurePolicy.FateOfRolledBack(call.Operation, failure) == FailureFate.Store)
        {
            await StoreFailureAsync(call, store, codec.Encode(call.Operation, failure)).ConfigureAwait(false);
        }
    }

    /// <summary>Stores a failure in a transaction of its own. If somebody has the key by then, theirs counts.</summary>
    private async ValueTask StoreFailureAsync<TState, TResult>(GuardedCall<TState, TResult> call, ITransactionalStore store, StoredOutcome outcome)
    {
        var operation = call.Operation;
        var patience = new Patience(time, options.ClaimTimeout);
        var wait = TimeSpan.Zero;
        while (true)
        {
            OpenTransaction? transaction = null;
            Exception cause;
            try
            {
                transaction = await OpenTransaction.BeginAsync(store, call.Key, options.StoreTimeout, time, CancellationToken.None).ConfigureAwait(false);
                var request = new ClaimRequest(OwnerToken.New(), operation.Lease ?? options.DefaultLease, operation.OnCrash, call.Fingerprint);
                var answer = await transaction.ClaimAsync(call.Key, request, wait, CancellationToken.None).ConfigureAwait(false);
                if (answer is Claim.Acquired acquired)
                {
                    var owner = new Ownership(request.Token, acquired.Fence);
                    wait = patience.Left; // should the commit not be answered, the key may be held by this very transaction
                    await transaction.CommitAsync(call.Key, owner, outcome, operation.Ttl ?? options.DefaultTtl).ConfigureAwait(false);
                }

                return;
            }
            catch (Exception failed)
            {
                // Whatever failed, the caller has to get the body's failure. If it was stored after all, the next try finds it.
                cause = failed;
            }
            finally
            {
                if (transaction is not null)
                {
                    await transaction.EndAsync().ConfigureAwait(false);
                }
            }

            if (!await patience.TryAgainAsync(CancellationToken.None).ConfigureAwait(false))
            {
                telemetry.FailureNotStored(call.Key, cause);
                return;
            }
        }
    }
}
