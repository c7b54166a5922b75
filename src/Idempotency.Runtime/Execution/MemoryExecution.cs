using System.Runtime.CompilerServices;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>
/// The guard's algorithm where the records are objects of this process, for the calls that nothing stands in the way of: a duplicate
/// whose outcome is known, and the first call of a key. What else there is, is left to <see cref="GuardedExecution"/>.
/// </summary>
internal sealed class MemoryExecution(
    TimeProvider time, IdempotencyOptions options, OutcomeCodec codec, LeaseKeeper leases, GuardedExecution general, IdempotencyTelemetry telemetry)
{
    /// <summary>Answers a duplicate; <see langword="false"/> when its outcome is not known, or is not one that can be answered just so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // whatever was profiled: every duplicate goes through it
    public bool TryReplay<TResult>(
        IdempotentOperation<TResult> operation,
        MemoryStore store,
        KeySpace space,
        ReadOnlySpan<byte> arguments,
        int hash,
        ReadOnlySpan<byte> fingerprint,
        out TResult result)
    {
        if (operation.OnDuplicate == OnDuplicate.Throw
            || store.Table.Peek(space, arguments, hash) is not { } record
            || !record.TryRecall(store.Clock, out var outcome)
            || !record.HasFingerprint(fingerprint))
        {
            result = default!;
            return false;
        }

        return telemetry.IsObserved
            ? TryReplayObserved(operation, record, outcome, out result)
            : codec.TryReadKept(operation, outcome, out result);
    }

    /// <summary>Claims a key that nobody has and runs the body; <see langword="false"/> when the key is not free, or there is more to decide.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // what it copies has no place in the frame of a duplicate
    public bool TryRun<TState, TResult>(
        IdempotentOperation<TResult> operation,
        StoreCalls calls,
        MemoryStore store,
        KeySpace space,
        ReadOnlySpan<byte> arguments,
        int hash,
        ReadOnlySpan<byte> fingerprint,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken,
        out ValueTask<TResult> call)
    {
        call = default;
        if (!codec.IsReady(operation) || telemetry.MeasuresStores || ExecutionContext.IsFlowSuppressed())
        {
            return false;
        }

        var sent = time.GetTimestamp();
        var lease = operation.Lease ?? options.DefaultLease;
        if (store.Table.TryBegin(new MemoryKey(space, arguments, hash), fingerprint, lease) is not { } grant)
        {
            return false;
        }

        var attempt = new MemoryAttempt(calls, grant, lease, sent);
        call = telemetry.IsObserved
            ? RunObservedAsync(operation, attempt, state, body, cancellationToken)
            : Run(operation, attempt, state, body, cancellationToken);
        return true;
    }

    private ValueTask<TResult> Run<TState, TResult>(
        IdempotentOperation<TResult> operation,
        MemoryAttempt attempt,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        try
        {
            general.Keep(attempt);
        }
        catch (Exception failure)
        {
            // The key was given back; the caller finds in the task what a call through any other store would find there.
            return ValueTask.FromException<TResult>(failure);
        }

        var running = GuardedExecution.Start(operation, attempt, state, body, cancellationToken);
        if (!running.IsCompletedSuccessfully)
        {
            return FinishLaterAsync(operation, attempt, running, cancellationToken);
        }

        var result = running.Result; // it has completed
        return TryFinish(operation, attempt, result)
            ? new ValueTask<TResult>(result)
            : general.FinishAsync(operation, attempt, new ValueTask<TResult>(result), cancellationToken);
    }

    /// <summary>Waits for the body, with as little to remember as can be: there is one such wait for every body that is not done at once.</summary>
    private async ValueTask<TResult> FinishLaterAsync<TResult>(
        IdempotentOperation<TResult> operation, MemoryAttempt attempt, ValueTask<TResult> body, CancellationToken cancellationToken)
    {
        var result = default(TResult)!;
        Exception? failure = null;
        try
        {
            result = await body.ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // The body may throw anything. What that means is decided where it is awaited again.
            failure = thrown;
        }

        return failure is null && TryFinish(operation, attempt, result)
            ? result
            : await general.FinishAsync(
                operation, attempt, failure is null ? new ValueTask<TResult>(result) : ValueTask.FromException<TResult>(failure), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends an attempt whose result is kept as it is; <see langword="false"/> when there is more to do.</summary>
    private bool TryFinish<TResult>(IdempotentOperation<TResult> operation, MemoryAttempt attempt, TResult result)
    {
        attempt.EndBody();
        if (!OutcomeCodec.TryKeep(operation, result, out var kept) || !attempt.TryComplete(kept, operation.Ttl ?? options.DefaultTtl))
        {
            return false;
        }

        attempt.EndHold();
        leases.Forget(attempt);
        return true;
    }

    private async ValueTask<TResult> RunObservedAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        MemoryAttempt attempt,
        TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        var span = telemetry.Begin(operation.Name);
        var outcome = IdempotencyDiagnostics.Executed;
        Exception? failure = null;
        try
        {
            return await Run(operation, attempt, state, body, cancellationToken).ConfigureAwait(false);
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
            if (telemetry.LogsEnds)
            {
                telemetry.Ended(attempt.RecordKey, outcome);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nor has what only listeners need
    private bool TryReplayObserved<TResult>(IdempotentOperation<TResult> operation, MemoryRecord record, object? outcome, out TResult result)
    {
        if (!codec.TryReadKept(operation, outcome, out result))
        {
            return false; // before anybody was told that a call begins
        }

        var flow = ExecutionContext.Capture();
        telemetry.Begin(operation.Name).End(IdempotencyDiagnostics.Replayed);
        if (flow is not null)
        {
            ExecutionContext.Restore(flow); // whatever listeners have left in it
        }

        if (telemetry.LogsEnds)
        {
            telemetry.Ended(record.Key, IdempotencyDiagnostics.Replayed);
        }

        return true;
    }
}
