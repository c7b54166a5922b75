using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Stress;

/// <summary>A store that says when a number of callers wait in it.</summary>
internal sealed class WaitingRoom(IIdempotencyStore inner, int seats) : IIdempotencyStore
{
    private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    /// <summary>Ends when all seats are taken.</summary>
    public Task Full => _full.Task;

    public bool KeepsObjects => inner.KeepsObjects;

    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint) => inner.TryPeek(canonicalKey, fingerprint);

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiting = inner.WaitAsync(key, version, timeout, cancellationToken);
        if (Interlocked.Increment(ref _taken) == seats)
        {
            _full.SetResult();
        }

        return waiting;
    }

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        inner.TryClaimAsync(key, request, cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.RenewAsync(key, owner, lease, cancellationToken);

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.CompleteAsync(key, owner, outcome, retention, cancellationToken);

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        inner.ReleaseAsync(key, owner, cancellationToken);

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        inner.AbandonAsync(key, token, cancellationToken);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);
}
