using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Redis.Tests;

/// <summary>A flaw to be found: takes an answer that was lost for a refusal.</summary>
internal sealed class GuessingStore(IIdempotencyStore inner) : IIdempotencyStore
{
    public bool KeepsObjects => inner.KeepsObjects;

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        inner.TryClaimAsync(key, request, cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        GuessAsync(inner.RenewAsync(key, owner, lease, cancellationToken));

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        GuessAsync(inner.CompleteAsync(key, owner, outcome, retention, cancellationToken));

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        GuessAsync(inner.ReleaseAsync(key, owner, cancellationToken));

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        inner.AbandonAsync(key, token, cancellationToken);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        inner.WaitAsync(key, version, timeout, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);

    private static async ValueTask<OwnerAnswer> GuessAsync(ValueTask<OwnerAnswer> call)
    {
        try
        {
            return await call;
        }
        catch (IOException)
        {
            // The flaw: whether it was applied is not known.
            return OwnerAnswer.Fenced;
        }
    }
}
