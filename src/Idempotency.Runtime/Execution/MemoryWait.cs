using System.Runtime.CompilerServices;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>
/// How callers wait where the records are objects of this process: woken together, and with as little to remember as can be, because there
/// may be thousands. Whatever they are woken to but a result, <see cref="GuardedExecution"/> goes on with.
/// </summary>
internal sealed class MemoryWait(
    TimeProvider time, IdempotencyOptions options, OutcomeCodec codec, Claimer claimer, GuardedExecution general, IdempotencyTelemetry telemetry)
{
    /// <summary>Waits for the attempt that has the key; <see langword="false"/> when none has, or there is more to decide.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // what it copies has no place in the frame of a duplicate
    public bool TryWait<TState, TResult>(
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
        if (operation.OnDuplicate != OnDuplicate.Wait
            || !codec.IsReady(operation)
            || telemetry.IsObserved
            || telemetry.MeasuresStores
            || !ReferenceEquals(time, store.Clock.Time) // or who waits by the one may wait for ever by the other
            || store.Table.Peek(space, arguments, hash) is not { } record
            || record.Space.Operation != space.Operation
            || !ReferenceEquals(record.Space.Hasher, space.Hasher)) // another guard's: its keys are called otherwise
        {
            return false;
        }

        var since = time.GetTimestamp();
        if (MemoryWaiters.TryJoin(store, record, fingerprint, operation.WaitTimeout ?? options.DefaultWaitTimeout) is not { } waiters
            || !claimer.TryEnter(waiters.Key))
        {
            return false;
        }

        call = new ValueTask<TResult>(WaitAsync(operation, calls, waiters, since, state, body, cancellationToken));
        return true;
    }

    private async Task<TResult> WaitAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        StoreCalls calls,
        MemoryWaiters waiters,
        long since,
        TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        var woken = cancellationToken.CanBeCanceled ? waiters.Woken.WaitAsync(cancellationToken) : waiters.Woken;
        await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        waiters.EndWatch();
        return TryRead(operation, calls, waiters, since, cancellationToken, out var result)
            ? result
            : await GoOnAsync(
                new GuardedCall<TState, TResult>(operation, calls, waiters.Key, waiters.Fingerprint, state, body)
                {
                    Waiting = claimer.BeginWaiting(operation, waiters.Key, since),
                },
                cancellationToken).ConfigureAwait(false);
    }

    private bool TryRead<TResult>(
        IdempotentOperation<TResult> operation, StoreCalls calls, MemoryWaiters waiters, long since, CancellationToken cancellationToken, out TResult result)
    {
        result = default!;
        try
        {
            if (telemetry.IsObserved
                || cancellationToken.IsCancellationRequested
                || !waiters.Record.TryRecall(calls.Memory!.Clock, out var outcome)
                || !waiters.Record.HasFingerprint(waiters.Fingerprint)
                || !codec.TryReadKept(operation, outcome, out result))
            {
                return false;
            }
        }
        catch (Exception)
        {
            // The clock is the application's to give, and may fail. The long way asks again.
            return false;
        }

        claimer.EndWait(operation.Name, waiters.Key, since);
        return true;
    }

    private async Task<TResult> GoOnAsync<TState, TResult>(GuardedCall<TState, TResult> call, CancellationToken cancellationToken)
    {
        try
        {
            return await general.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            call.Waiting!.End(); // if the call came to nothing before it claimed
        }
    }
}
