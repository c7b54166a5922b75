using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.FaultTests.InProcess;

/// <summary>A planted flaw: whoever gives up leaves its claim behind.</summary>
internal sealed class NothingAbandoned(IIdempotencyStore inner) : IIdempotencyStore
{
    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) => default;

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        inner.TryClaimAsync(key, request, cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.RenewAsync(key, owner, lease, cancellationToken);

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.CompleteAsync(key, owner, outcome, retention, cancellationToken);

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        inner.ReleaseAsync(key, owner, cancellationToken);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        inner.WaitAsync(key, version, timeout, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);
}
