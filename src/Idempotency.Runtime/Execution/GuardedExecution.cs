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
        TimeProvider time, IdempotencyOptions options, JsonContracts contracts, LeaseKeeper leases, IdempotencyTelemetry telemetry)
    {
        _options = options;
        _leases = leases;
        _telemetry = telemetry;
        _codec = new OutcomeCodec(contracts, options.Failures, options.MaxResultBytes);
        _claimer = new Claimer(time, options, telemetry);
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
            if (HeldKey.Contains(store.Store, key.Canonical))
            {
                throw new ReentrantOperationException(key.Operation, key.Text);
            }

            _codec.RequireContract(operation, store.Store.KeepsObjects);
            var claimed = await _claimer.ClaimAsync(operation, store, key, call.Fingerprint, cancellationToken).ConfigureAwait(false);
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
            attempt = new RunningAttempt(store, key, claimed.Token, acquired, operation.Lease ?? _options.DefaultLease, claimed.SentAt);
            KeepLease(attempt);
            return await ExecuteAsync(call, attempt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // Only looked at, for the metrics.
            failure = thrown;
            outcome = ReferenceEquals(thrown, attempt?.BodyFailure) ? IdempotencyDiagnostics.Failed : CallAnswers.NameOf(thrown) ?? outcome;
            throw;
        }
        finally
        {
            span.End(outcome, failure);
            _telemetry.Ended(key, outcome);
        }
    }

    private void KeepLease(RunningAttempt attempt)
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

    private async ValueTask<TResult> ExecuteAsync<TState, TResult>(
        GuardedCall<TState, TResult> call, RunningAttempt attempt, CancellationToken cancellationToken)
    {
        var isStillSettling = false;
        var held = HeldKey.Begin(call.Store.Store, call.Key);
        try
        {
            if (call.Operation.CancelBody)
            {
                attempt.FollowCaller(cancellationToken);
            }

            TResult result;
            try
            {
                held.BeginBody(attempt);
                result = await call.Body(call.State, attempt).ConfigureAwait(false);
                held.EndBody();
                attempt.EndBody();
            }
            catch (Exception failure)
            {
                // The body may throw anything, and the caller gets just that, whatever the store is told. Only what ends the body
                // is handled here: nothing below may free the key of an effect that has happened.
                held.EndBody();
                attempt.BodyFailure = failure;

                // Asked before the key is freed: a renewal that arrives after that is refused, and would look like a lost lease.
                var isCancelledByCaller = call.Operation.CancelBody && cancellationToken.IsCancellationRequested;
                var isStopped = failure is OperationCanceledException && attempt.IsStoppedByGuard && !isCancelledByCaller;
                attempt.EndBody();
                (isStillSettling, var isFenced) = await SettleFailureAsync(call, attempt, failure).ConfigureAwait(false);
                if (!isStopped)
                {
                    throw;
                }

                if (isFenced)
                {
                    return await AnswerFencedAsync(call, result: null, failure).ConfigureAwait(false);
                }

                throw attempt.IsOverLimit
                    ? LeaseLostException.OverLimit(call.Key.Operation, call.Key.Text, _options.ExecutionLimit, failure)
                    : new LeaseLostException(call.Key.Operation, call.Key.Text, result: null, failure);
            }

            var encoded = _codec.Encode(call.Operation, result, call.Store.Store.KeepsObjects);
            var retention = call.Operation.Ttl ?? _options.DefaultTtl;
            var settled = await _settler.SettleAsync(attempt, encoded.Outcome, retention).ConfigureAwait(false);
            if (settled.Answer == OwnerAnswer.Fenced)
            {
                return await AnswerFencedAsync(call, result, cause: null).ConfigureAwait(false);
            }

            if (settled.Answer is null)
            {
                isStillSettling = true;
                _ = _settler.SettleInBackgroundAsync(attempt, encoded.Outcome, retention);
                throw new OutcomeNotStoredException(
                    call.Key.Operation, call.Key.Text, result, "the store gave no answer in time; it is tried further in the background.", settled.Failure);
            }

            if (encoded.Loss is not null)
            {
                _telemetry.ResultNotStorable(call.Key, encoded.Failure);
                throw new OutcomeNotStoredException(call.Key.Operation, call.Key.Text, result, encoded.Loss, encoded.Failure);
            }

            return encoded.Result;
        }
        finally
        {
            held.End();
            if (!isStillSettling)
            {
                _leases.Forget(attempt);
            }
        }
    }

    /// <summary>Tells the store that the body failed; goes on in the background when it does not answer.</summary>
    private async ValueTask<(bool IsStillSettling, bool IsFenced)> SettleFailureAsync<TState, TResult>(
        GuardedCall<TState, TResult> call, RunningAttempt attempt, Exception failure)
    {
        var fate = FailurePolicy.FateOf(call.Operation, failure);
        if (fate == FailureFate.LeaveInDoubt)
        {
            _leases.LetGo(attempt);
            _telemetry.LeftInDoubt(call.Key);
            return (false, false);
        }

        var outcome = fate == FailureFate.Store ? _codec.Encode(call.Operation, failure) : null;
        var retention = call.Operation.Ttl ?? _options.DefaultTtl;
        var settled = await _settler.SettleAsync(attempt, outcome, retention).ConfigureAwait(false);
        if (settled.Answer is null)
        {
            _ = _settler.SettleInBackgroundAsync(attempt, outcome, retention);
            return (true, false);
        }

        var isFenced = settled.Answer == OwnerAnswer.Fenced;
        if (isFenced)
        {
            _telemetry.FailureFenced(call.Key);
        }

        return (false, isFenced);
    }

    /// <summary>What a call gets that ran its body and no longer owns its key: the winner's outcome, if that is wanted and there is one.</summary>
    private async ValueTask<TResult> AnswerFencedAsync<TState, TResult>(GuardedCall<TState, TResult> call, object? result, Exception? cause)
    {
        var key = call.Key;
        if (_options.OnLeaseLost == OnLeaseLost.Throw)
        {
            throw new LeaseLostException(key.Operation, key.Text, result, cause);
        }

        Recalled<TResult>? winners = null;
        try
        {
            // The key may have been freed meanwhile and won by a call with other arguments, whose outcome answers another question.
            var winner = await call.Store.GetAsync(key, CancellationToken.None).ConfigureAwait(false);
            if (winner?.Outcome is { } outcome && winner.Fingerprint.Span.SequenceEqual(call.Fingerprint))
            {
                winners = _codec.Recall(call.Operation, key, outcome);
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
