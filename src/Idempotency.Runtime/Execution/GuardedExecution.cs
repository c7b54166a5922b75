using Idempotency.Serialization;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>The guard's algorithm: claim, run, store, answer.</summary>
internal sealed class GuardedExecution
{
    private readonly IdempotencyOptions _options;
    private readonly LeaseKeeper _leases;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly OutcomeCodec _codec;
    private readonly Claimer _claimer;
    private readonly Settler _settler;

    public GuardedExecution(
        TimeProvider time, IdempotencyOptions options, OutcomeCodec codec, Claimer claimer, LeaseKeeper leases, IdempotencyTelemetry telemetry)
    {
        _options = options;
        _leases = leases;
        _telemetry = telemetry;
        _codec = codec;
        _claimer = claimer;
        _settler = new Settler(time, options, leases, telemetry);
    }

    public async ValueTask<TResult> RunAsync<TState, TResult>(GuardedCall<TState, TResult> call, CancellationToken cancellationToken)
    {
        var (operation, store, key) = (call.Operation, call.Store, call.Key);
        var span = _telemetry.Begin(operation.Name);
        var outcome = IdempotencyDiagnostics.NotRun;
        RunningAttempt? attempt = null;
        Exception? failure = null;
        try
        {
            if (RunningBody.Holds(store.Store, key.Space, key.Arguments))
            {
                throw new ReentrantOperationException(key.Operation, key.Text);
            }

            _codec.RequireContract(operation, store.Store.KeepsObjects);
            var claimed = await _claimer.ClaimAsync(operation, store, key, call.Fingerprint, call.Waiting, cancellationToken).ConfigureAwait(false);
            if (claimed.Answer is not Claim.Acquired acquired)
            {
                outcome = claimed.HasWaited ? IdempotencyDiagnostics.Waited : IdempotencyDiagnostics.Replayed;
                return CallAnswers.Answer(call, claimed.Answer, _codec);
            }

            if (acquired.TakenOver)
            {
                _telemetry.TookOver(key.Operation, key, acquired.Attempt);
            }

            outcome = IdempotencyDiagnostics.Executed;
            attempt = new StoreAttempt(
                store, key, new Ownership(claimed.Token, acquired.Fence), acquired.Attempt, call.Fingerprint, operation.Lease ?? _options.DefaultLease, claimed.SentAt);
            return await ExecuteAsync(call, attempt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // Only looked at, for the metrics.
            failure = thrown;
            outcome = CallAnswers.OutcomeOf(attempt, thrown) ?? outcome;
            throw;
        }
        finally
        {
            span.End(outcome, failure);
            _telemetry.Ended(key, outcome);
        }
    }

    /// <summary>Runs the body of a claim that was granted, and tells the store how it ended.</summary>
    private ValueTask<TResult> ExecuteAsync<TState, TResult>(
        GuardedCall<TState, TResult> call, RunningAttempt attempt, CancellationToken cancellationToken)
    {
        Keep(attempt);
        return FinishAsync(call.Operation, attempt, Start(call.Operation, attempt, call.State, call.Body, cancellationToken), cancellationToken);
    }

    /// <summary>Sees to it that the attempt's lease is renewed.</summary>
    public void Keep(RunningAttempt attempt)
    {
        try
        {
            _leases.Keep(attempt);
        }
        catch (Exception)
        {
            // No thread could be had to renew leases, so the body must not start; the key is given back.
            _leases.Forget(attempt);
            _claimer.AbandonInBackground(attempt.Store, attempt.RecordKey, attempt.Owner.Token);
            throw;
        }
    }

    /// <summary>Starts the body, and gives the caller's flow back as it was. What the body throws at once is in the task, too.</summary>
    public static ValueTask<TResult> Start<TState, TResult>(
        IdempotentOperation<TResult> operation,
        RunningAttempt attempt,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        if (operation.CancelBody)
        {
            attempt.FollowCaller(cancellationToken);
        }

        // As an asynchronous method would: the body may be none, and change both. Where the flow of the context is suppressed there is nothing
        // to give back here; the asynchronous method that calls this one does it.
        var (flow, synchronization) = (ExecutionContext.Capture(), SynchronizationContext.Current);
        attempt.Hold();
        attempt.BeginBody();
        try
        {
            return body(state, attempt);
        }
        catch (Exception failure)
        {
            // The body may throw anything, and what it throws before its first await is to be treated as what it throws after it.
            return ValueTask.FromException<TResult>(failure);
        }
        finally
        {
            if (flow is not null)
            {
                ExecutionContext.Restore(flow);
            }

            if (!ReferenceEquals(SynchronizationContext.Current, synchronization))
            {
                SynchronizationContext.SetSynchronizationContext(synchronization);
            }
        }
    }

    /// <summary>Waits for the body and tells the store how it ended.</summary>
    public async ValueTask<TResult> FinishAsync<TResult>(
        IdempotentOperation<TResult> operation, RunningAttempt attempt, ValueTask<TResult> body, CancellationToken cancellationToken)
    {
        var isStillSettling = false;
        try
        {
            TResult result;
            try
            {
                result = await body.ConfigureAwait(false);
                attempt.EndBody();
            }
            catch (Exception failure)
            {
                // The body may throw anything, and the caller gets just that, whatever the store is told. Only what ends the body
                // is handled here: nothing below may free the key of an effect that has happened.
                attempt.BodyFailure = failure;
                attempt.MarkFlow(); // codecs are the user's code

                // Asked before the key is freed: a renewal that arrives after that is refused, and would look like a lost lease.
                var isCancelledByCaller = operation.CancelBody && cancellationToken.IsCancellationRequested;
                var isStopped = failure is OperationCanceledException && attempt.IsStoppedByGuard && !isCancelledByCaller;
                attempt.EndBody();
                (isStillSettling, var isFenced) = await SettleFailureAsync(operation, attempt, failure).ConfigureAwait(false);
                if (!isStopped)
                {
                    throw;
                }

                if (isFenced)
                {
                    return await AnswerFencedAsync(operation, attempt, result: null, failure).ConfigureAwait(false);
                }

                throw attempt.IsOverLimit
                    ? LeaseLostException.OverLimit(attempt.Operation, attempt.Key, _options.ExecutionLimit, failure)
                    : new LeaseLostException(attempt.Operation, attempt.Key, result: null, failure);
            }

            var retention = operation.Ttl ?? _options.DefaultTtl;
            if (OutcomeCodec.TryKeep(operation, result, out var kept) && attempt.TryComplete(kept, retention))
            {
                return result;
            }

            attempt.MarkFlow(); // converters and properties are the user's code
            var encoded = _codec.Encode(operation, result, attempt.Store.Store.KeepsObjects);
            var settled = await _settler.SettleAsync(attempt, encoded.Outcome, retention).ConfigureAwait(false);
            if (settled.Answer == OwnerAnswer.Fenced)
            {
                return await AnswerFencedAsync(operation, attempt, result, cause: null).ConfigureAwait(false);
            }

            if (settled.Answer is null)
            {
                isStillSettling = true;
                _ = _settler.SettleInBackgroundAsync(attempt, encoded.Outcome, retention);
                throw new OutcomeNotStoredException(
                    attempt.Operation, attempt.Key, result, "the store gave no answer in time; it is tried further in the background.", settled.Failure);
            }

            if (encoded.Loss is not null)
            {
                _telemetry.ResultNotStorable(attempt.RecordKey, encoded.Failure);
                throw new OutcomeNotStoredException(attempt.Operation, attempt.Key, result, encoded.Loss, encoded.Failure);
            }

            return encoded.Result;
        }
        finally
        {
            attempt.EndHold();
            if (!isStillSettling)
            {
                _leases.Forget(attempt);
            }
        }
    }

    /// <summary>Tells the store that the body failed; goes on in the background when it does not answer.</summary>
    private async ValueTask<(bool IsStillSettling, bool IsFenced)> SettleFailureAsync<TResult>(
        IdempotentOperation<TResult> operation, RunningAttempt attempt, Exception failure)
    {
        var fate = FailurePolicy.FateOf(operation, failure);
        if (fate == FailureFate.LeaveInDoubt)
        {
            _leases.LetGo(attempt);
            _telemetry.LeftInDoubt(attempt.RecordKey);
            return (false, false);
        }

        var outcome = fate == FailureFate.Store ? _codec.Encode(operation, failure) : null;
        var retention = operation.Ttl ?? _options.DefaultTtl;
        var settled = await _settler.SettleAsync(attempt, outcome, retention).ConfigureAwait(false);
        if (settled.Answer is null)
        {
            _ = _settler.SettleInBackgroundAsync(attempt, outcome, retention);
            return (true, false);
        }

        var isFenced = settled.Answer == OwnerAnswer.Fenced;
        if (isFenced)
        {
            _telemetry.FailureFenced(attempt.RecordKey);
        }

        return (false, isFenced);
    }

    /// <summary>What a call gets that ran its body and no longer owns its key: the winner's outcome, if that is wanted and there is one.</summary>
    private async ValueTask<TResult> AnswerFencedAsync<TResult>(
        IdempotentOperation<TResult> operation, RunningAttempt attempt, object? result, Exception? cause)
    {
        var key = attempt.RecordKey;
        if (_options.OnLeaseLost == OnLeaseLost.Throw)
        {
            throw new LeaseLostException(key.Operation, key.Text, result, cause);
        }

        Recalled<TResult>? winners = null;
        try
        {
            // The key may have been freed meanwhile and won by a call with other arguments, whose outcome answers another question.
            var winner = await attempt.Store.GetAsync(key, CancellationToken.None).ConfigureAwait(false);
            if (winner?.Outcome is { } outcome && winner.Fingerprint.Span.SequenceEqual(attempt.Fingerprint))
            {
                winners = _codec.Recall(operation, key, outcome);
            }
        }
        catch (Exception failure)
        {
            // Whatever failed, the winner's outcome is not at hand, and this call's own must not be lost over it.
            throw new LeaseLostException(key.Operation, key.Text, result, failure);
        }

        return winners is { } stored ? stored.Replay() : throw new LeaseLostException(key.Operation, key.Text, result, cause);
    }
}
