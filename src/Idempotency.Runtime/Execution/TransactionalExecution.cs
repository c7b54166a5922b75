using System.Runtime.ExceptionServices;
using Idempotency.Serialization;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>
/// The guard's algorithm where the body's effects are in the store's own database: claim, run, store and commit in one transaction,
/// and all of it again when that was rolled back for no fault of the body.
/// </summary>
internal sealed class TransactionalExecution
{
    private readonly TimeProvider _time;
    private readonly IdempotencyOptions _options;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly OutcomeCodec _codec;
    private readonly TransactionSubjects _subjects;
    private readonly WaitingRoom _room;
    private readonly TransactionRunner _runner;

    public TransactionalExecution(
        TimeProvider time, IdempotencyOptions options, OutcomeCodec codec, TransactionSubjects subjects, IdempotencyTelemetry telemetry)
    {
        _time = time;
        _options = options;
        _telemetry = telemetry;
        _subjects = subjects;
        _codec = codec;
        _room = new WaitingRoom(options.MaxWaitersPerKey);
        _runner = new TransactionRunner(time, options, _codec, subjects, telemetry);
    }

    public async ValueTask<TResult> RunAsync<TState, TResult>(GuardedCall<TState, TResult> call, CancellationToken cancellationToken)
    {
        var (operation, key) = (call.Operation, call.Key);
        var span = _telemetry.Begin(operation.Name);
        var progress = new TransactionProgress();
        Exception? failure = null;
        try
        {
            if (RunningBody.Holds(call.Store.Store, key.Space, key.Arguments))
            {
                throw new ReentrantOperationException(key.Operation, key.Text);
            }

            var store = _subjects.RequireStore(operation, call.Store.Store);
            _codec.RequireContract(operation, keepsObjects: false);
            using var claims = ClaimsOf(call, store);
            return await RunAsync(call, store, claims, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // Only looked at, for the metrics.
            failure = thrown;
            progress.Outcome = ReferenceEquals(thrown, progress.BodyFailure) ? IdempotencyDiagnostics.Failed : CallAnswers.NameOf(thrown) ?? progress.Outcome;
            throw;
        }
        finally
        {
            span.End(progress.Outcome, failure);
            _telemetry.Ended(key, progress.Outcome);
        }
    }

    private async ValueTask<TResult> RunAsync<TState, TResult>(
        GuardedCall<TState, TResult> call,
        ITransactionalStore store,
        TransactionClaims<TResult> claims,
        TransactionProgress progress,
        CancellationToken cancellationToken)
    {
        var key = call.Key;
        var repeats = new Patience(_time, _options.ClaimTimeout);
        (EncodedResult<TResult> Result, Ownership Owner, Exception Failure)? lost = null;
        while (true)
        {
            var claimed = await claims.ClaimAsync(cancellationToken).ConfigureAwait(false);
            if (claimed.Transaction is not { } transaction || claimed.Answer is not Claim.Acquired acquired)
            {
                if (lost is { } sent && claimed.Answer is Claim.Finished)
                {
                    if (await IsOursAsync(call, claims, sent.Owner).ConfigureAwait(false) is not { } isOurs)
                    {
                        continue;
                    }

                    if (isOurs)
                    {
                        progress.Outcome = IdempotencyDiagnostics.Executed;
                        return Finish(call, sent.Result);
                    }
                }

                progress.Outcome = claims.HasWaited ? IdempotencyDiagnostics.Waited : IdempotencyDiagnostics.Replayed;
                return CallAnswers.Answer(call, claimed.Answer, _codec);
            }

            try
            {
                if (lost is { } rolledBack)
                {
                    // Granted: the transaction whose commit was not answered has ended, and not with a commit.
                    lost = null;
                    claims.RollBack(rolledBack.Failure);
                    progress.Outcome = IdempotencyDiagnostics.NotRun;
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!repeats.Fail())
                    {
                        throw StoreUnavailableException.AfterRollback(
                            key.Operation, key.Text, $"commits fail for {repeats.Longest.TotalSeconds:0.###} s.", rolledBack.Failure);
                    }
                }

                var owner = new Ownership(claimed.Token, acquired.Fence);
                var tried = await _runner.RunAsync(call, store, transaction, acquired, owner, progress, cancellationToken).ConfigureAwait(false);
                switch (tried.Fate)
                {
                    case null:
                        return Finish(call, tried.Result);
                    case TransactionFate.Conflict:
                        claims.RollBack(tried.Failure!);
                        await transaction.EndAsync().ConfigureAwait(false); // others must not wait while this call pauses
                        await RepeatAsync(call, repeats, tried.Failure!, progress, cancellationToken).ConfigureAwait(false);
                        break;
                    default:
                        lost = (tried.Result, owner, tried.Failure!);
                        claims.LoseCommit(tried.Failure!);
                        break;
                }
            }
            finally
            {
                await transaction.EndAsync().ConfigureAwait(false);
            }
        }
    }

    private TransactionClaims<TResult> ClaimsOf<TState, TResult>(GuardedCall<TState, TResult> call, ITransactionalStore store) =>
        new(call.Operation, store, call.Key, call.Fingerprint, _room, _time, _options, _telemetry);

    /// <summary>Whether the stored outcome is the one this call has sent; <see langword="null"/> when that has to be asked again.</summary>
    private static async ValueTask<bool?> IsOursAsync<TState, TResult>(
        GuardedCall<TState, TResult> call, TransactionClaims<TResult> claims, Ownership owner)
    {
        try
        {
            var record = await call.Store.GetAsync(call.Key, CancellationToken.None).ConfigureAwait(false);
            return record?.Fence == owner.Fence;
        }
        catch (Exception failure)
        {
            // Whatever failed, reading changes nothing; the question is asked again until patience is over.
            await claims.TryAgainAsync(failure, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Pauses before all of it is done again, or gives up with the failure itself.</summary>
    private async ValueTask RepeatAsync<TState, TResult>(
        GuardedCall<TState, TResult> call, Patience repeats, Exception failure, TransactionProgress progress, CancellationToken cancellationToken)
    {
        _telemetry.TransactionRepeated(call.Key, failure);
        progress.Outcome = IdempotencyDiagnostics.NotRun; // it was rolled back
        if (!await repeats.TryAgainAsync(cancellationToken).ConfigureAwait(false))
        {
            progress.BodyFailure = failure;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Gives the caller what was committed.</summary>
    private TResult Finish<TState, TResult>(GuardedCall<TState, TResult> call, EncodedResult<TResult> committed)
    {
        if (committed.Loss is null)
        {
            return committed.Result;
        }

        _telemetry.ResultNotStorable(call.Key, committed.Failure);
        throw new OutcomeNotStoredException(call.Key.Operation, call.Key.Text, committed.Result, committed.Loss, committed.Failure);
    }
}
