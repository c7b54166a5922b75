using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>Writes every call that matters into a history.</summary>
internal sealed class RecordingStore(StoreHistory history, IIdempotencyStore inner) : IIdempotencyStore
{
    public bool KeepsObjects => inner.KeepsObjects;

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) => CallAsync(
        Entry(key, StoreOperation.Claim) with
        {
            Token = request.Token,
            Duration = request.Lease,
            OnCrash = request.OnCrash,
            Fingerprint = request.Fingerprint.ToArray(),
        },
        () => inner.TryClaimAsync(key, request, cancellationToken),
        static (entry, answer) => entry with { Claim = answer });

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) => CallAsync(
        Entry(key, StoreOperation.Renew, owner) with { Duration = lease },
        () => inner.RenewAsync(key, owner, lease, cancellationToken),
        static (entry, answer) => entry with { OwnerAnswer = answer });

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) => CallAsync(
        Entry(key, StoreOperation.Complete, owner) with { Outcome = outcome, Duration = retention },
        () => inner.CompleteAsync(key, owner, outcome, retention, cancellationToken),
        static (entry, answer) => entry with { OwnerAnswer = answer });

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) => CallAsync(
        Entry(key, StoreOperation.Release, owner),
        () => inner.ReleaseAsync(key, owner, cancellationToken),
        static (entry, answer) => entry with { OwnerAnswer = answer });

    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) => await CallAsync(
        Entry(key, StoreOperation.Abandon) with { Token = token },
        async () =>
        {
            await inner.AbandonAsync(key, token, cancellationToken).ConfigureAwait(false);
            return true;
        },
        static (entry, _) => entry).ConfigureAwait(false);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => CallAsync(
        Entry(key, StoreOperation.Get),
        () => inner.GetAsync(key, cancellationToken),
        static (entry, answer) => entry with { Record = answer });

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        inner.WaitAsync(key, version, timeout, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) => CallAsync(
        Entry(key, StoreOperation.Resolve) with { Outcome = outcome, Duration = retention },
        () => inner.ResolveAsync(key, version, outcome, retention, cancellationToken),
        static (entry, answer) => entry with { Resolved = answer });

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);

    private static HistoryEntry Entry(IdempotencyKey key, StoreOperation operation, Ownership owner = default) =>
        new() { Key = key, Operation = operation, Token = owner.Token, Fence = owner.Fence, CalledAt = default };

    private async ValueTask<TAnswer> CallAsync<TAnswer>(
        HistoryEntry entry, Func<ValueTask<TAnswer>> call, Func<HistoryEntry, TAnswer, HistoryEntry> answered)
    {
        var (calledAt, callOrder) = history.Now();
        entry = entry with { CalledAt = calledAt, CallOrder = callOrder };
        try
        {
            var answer = await call().ConfigureAwait(false);
            var (returnedAt, returnOrder) = history.Now();
            entry = answered(entry, answer) with { ReturnedAt = returnedAt, ReturnOrder = returnOrder };
            return answer;
        }
        finally
        {
            history.Add(entry); // without an answer when the call threw
        }
    }
}
