using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>
/// A store as the guard calls it: every call has a deadline, because a server that hangs must never hang a caller. A call that
/// passes it throws <see cref="TimeoutException"/>; whether it was applied is then unknown.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="name">Its name; <see langword="null"/> for the one that operations use which name none.</param>
/// <param name="timeout">The deadline of a call.</param>
/// <param name="time">What deadlines and durations are counted with.</param>
/// <param name="telemetry">What is told how long calls take.</param>
internal sealed class StoreCalls(IIdempotencyStore store, string? name, TimeSpan timeout, TimeProvider time, IdempotencyTelemetry telemetry)
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    public IIdempotencyStore Store => store;

    /// <summary>The store where it keeps its records in this process, so that most calls need not be sent.</summary>
    public MemoryStore? Memory { get; } = store as MemoryStore;

    public ValueTask<Claim> ClaimAsync(IdempotencyKey key, in ClaimRequest request, CancellationToken cancellationToken) =>
        CallAsync(
            "claim",
            TimeoutFor(request.Lease),
            (store, key, request),
            static (call, token) => call.store.TryClaimAsync(call.key, call.request, token),
            cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease) =>
        CallAsync(
            "renew",
            lease > TimeSpan.Zero ? TimeoutFor(lease) : timeout,
            (store, key, owner, lease),
            static (call, token) => call.store.RenewAsync(call.key, call.owner, call.lease, token),
            CancellationToken.None);

    /// <summary>Stores the outcome, or frees the key when there is none.</summary>
    public ValueTask<OwnerAnswer> SettleAsync(IdempotencyKey key, Ownership owner, StoredOutcome? outcome, TimeSpan retention, TimeSpan lease) =>
        outcome is null
            ? CallAsync(
                "release",
                TimeoutFor(lease),
                (store, key, owner),
                static (call, token) => call.store.ReleaseAsync(call.key, call.owner, token),
                CancellationToken.None)
            : CallAsync(
                "complete",
                TimeoutFor(lease),
                (store, key, owner, outcome, retention),
                static (call, token) => call.store.CompleteAsync(call.key, call.owner, call.outcome, call.retention, token),
                CancellationToken.None);

    public Task AbandonAsync(IdempotencyKey key, OwnerToken token) =>
        CallAsync(
            "abandon",
            timeout,
            (store, key, token),
            static async (call, cancellationToken) =>
            {
                await call.store.AbandonAsync(call.key, call.token, cancellationToken).ConfigureAwait(false);
                return true;
            },
            CancellationToken.None).AsTask();

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        CallAsync("get", timeout, (store, key), static (call, token) => call.store.GetAsync(call.key, token), cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        CallAsync(
            "resolve",
            timeout,
            (store, key, version, outcome, retention),
            static (call, token) => call.store.ResolveAsync(call.key, call.version, call.outcome, call.retention, token),
            cancellationToken);

    /// <summary>Returns when the record may have changed, or at the latest after <paramref name="longest"/> and a store's time to say so.</summary>
    /// <remarks>Not measured with the others: how long it takes says how long another body runs, not how the store does.</remarks>
    public Task WaitAsync(IdempotencyKey key, long version, TimeSpan longest, CancellationToken cancellationToken)
    {
        var waiting = store.WaitAsync(key, version, longest, cancellationToken).AsTask();
        Disregard(waiting);
        return waiting.WaitAsync(longest + timeout, time, cancellationToken);
    }

    /// <summary>Several tries fit into a lease, however short it is.</summary>
    private TimeSpan TimeoutFor(TimeSpan lease)
    {
        var share = lease / 6 > s_least ? lease / 6 : s_least;
        return share < timeout ? share : timeout;
    }

    /// <summary>Everything that is asked goes through here. Nothing is allocated where the store answers at once and nobody measures.</summary>
    private ValueTask<TAnswer> CallAsync<TCall, TAnswer>(
        string operation, TimeSpan longest, TCall call, Func<TCall, CancellationToken, ValueTask<TAnswer>> send, CancellationToken cancellationToken) =>
        telemetry.MeasuresStores
            ? MeasureAsync(operation, longest, call, send, cancellationToken)
            : AnswerAsync(send(call, cancellationToken), longest, cancellationToken);

    private async ValueTask<TAnswer> MeasureAsync<TCall, TAnswer>(
        string operation, TimeSpan longest, TCall call, Func<TCall, CancellationToken, ValueTask<TAnswer>> send, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var answer = await AnswerAsync(send(call, cancellationToken), longest, cancellationToken).ConfigureAwait(false);
            telemetry.StoreAnswered(operation, name, started);
            return answer;
        }
        catch (Exception failure)
        {
            // Whatever it is, it is only counted here; whoever called decides what it means.
            telemetry.StoreAnswered(operation, name, started, failure);
            throw;
        }
    }

    private ValueTask<TAnswer> AnswerAsync<TAnswer>(ValueTask<TAnswer> call, TimeSpan longest, CancellationToken cancellationToken) =>
        call.IsCompleted ? call : WithinAsync(call.AsTask(), longest, cancellationToken);

    private async ValueTask<TAnswer> WithinAsync<TAnswer>(Task<TAnswer> call, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The call's own failure or the end of the waiting for it, which is the caller's to judge.
            Disregard(call);
            throw;
        }
    }

    /// <summary>A call that is no longer waited for may still fail; that failure is known already, as an answer that did not come.</summary>
    private static void Disregard(Task call) => call.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
