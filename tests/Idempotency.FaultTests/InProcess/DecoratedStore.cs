using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.FaultTests.InProcess;

/// <summary>A store behind another, to plant a flaw by overriding one of its members.</summary>
internal abstract class DecoratedStore(IIdempotencyStore inner) : IIdempotencyStore
{
    public virtual ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        inner.TryClaimAsync(key, request, cancellationToken);

    public virtual ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.RenewAsync(key, owner, lease, cancellationToken);

    public virtual ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.CompleteAsync(key, owner, outcome, retention, cancellationToken);

    public virtual ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        inner.ReleaseAsync(key, owner, cancellationToken);

    public virtual ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public virtual ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        inner.WaitAsync(key, version, timeout, cancellationToken);

    public virtual ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public virtual ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);

    public virtual ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        inner.AbandonAsync(key, token, cancellationToken);
}

/// <summary>Whoever gives up leaves its claim behind.</summary>
internal sealed class NothingAbandoned(IIdempotencyStore inner) : DecoratedStore(inner)
{
    public override ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) => default;
}

/// <summary>No outcome is ever forgotten.</summary>
internal sealed class RememberingStore(IIdempotencyStore inner) : DecoratedStore(inner)
{
    public override ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        base.CompleteAsync(key, owner, outcome, TimeSpan.FromDays(3000), cancellationToken);
}

/// <summary>Nobody can let go of a claim.</summary>
internal sealed class ClingingStore(IIdempotencyStore inner) : DecoratedStore(inner)
{
    public override ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        base.RenewAsync(key, owner, lease > TimeSpan.Zero ? lease : TimeSpan.FromDays(1), cancellationToken);
}
