using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>
/// A store as the guard calls it: every call has a deadline, because a server that hangs must never hang a caller. A call that
/// passes it throws <see cref="TimeoutException"/>; whether it was applied is then unknown.
/// </summary>
internal sealed class StoreCalls(IIdempotencyStore store, TimeSpan timeout, TimeProvider time)
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    public IIdempotencyStore Store => store;

    public ValueTask<Claim> ClaimAsync(IdempotencyKey key, in ClaimRequest request, CancellationToken cancellationToken) =>
        AnswerAsync(store.TryClaimAsync(key, request, cancellationToken), TimeoutFor(request.Lease), cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease) =>
        AnswerAsync(store.RenewAsync(key, owner, lease, CancellationToken.None), lease > TimeSpan.Zero ? TimeoutFor(lease) : timeout, CancellationToken.None);

    /// <summary>Stores the outcome, or frees the key when there is none.</summary>
    public ValueTask<OwnerAnswer> SettleAsync(IdempotencyKey key, Ownership owner, StoredOutcome? outcome, TimeSpan retention, TimeSpan lease) =>
        AnswerAsync(
            outcome is null
                ? store.ReleaseAsync(key, owner, CancellationToken.None)
                : store.CompleteAsync(key, owner, outcome, retention, CancellationToken.None),
            TimeoutFor(lease),
            CancellationToken.None);

    public Task AbandonAsync(IdempotencyKey key, OwnerToken token) =>
        Observed(store.AbandonAsync(key, token, CancellationToken.None).AsTask()).WaitAsync(timeout, time);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        AnswerAsync(store.GetAsync(key, cancellationToken), timeout, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        AnswerAsync(store.ResolveAsync(key, version, outcome, retention, cancellationToken), timeout, cancellationToken);

    /// <summary>Returns when the record may have changed, or at the latest after <paramref name="longest"/> and a store's time to say so.</summary>
    public Task WaitAsync(IdempotencyKey key, long version, TimeSpan longest, CancellationToken cancellationToken) =>
        Observed(store.WaitAsync(key, version, longest, cancellationToken).AsTask()).WaitAsync(longest + timeout, time, cancellationToken);

    /// <summary>Several tries fit into a lease, however short it is.</summary>
    private TimeSpan TimeoutFor(TimeSpan lease)
    {
        var share = lease / 6 > s_least ? lease / 6 : s_least;
        return share < timeout ? share : timeout;
    }

    private ValueTask<TAnswer> AnswerAsync<TAnswer>(ValueTask<TAnswer> call, TimeSpan longest, CancellationToken cancellationToken) =>
        call.IsCompleted ? call : new ValueTask<TAnswer>(Observed(call.AsTask()).WaitAsync(longest, time, cancellationToken));

    /// <summary>A call that is no longer waited for may still fail; that failure is known already, as an answer that did not come.</summary>
    private static TTask Observed<TTask>(TTask call)
        where TTask : Task
    {
        call.ContinueWith(
            static late => late.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return call;
    }
}
