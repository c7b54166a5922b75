using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Stands between a guard and its store, and makes it act as a guard with flaws would.</summary>
internal sealed class FlawedGuard(IIdempotencyStore store, Flaws flaws) : IIdempotencyStore
{
    private long _madeUpFence = long.MaxValue / 2;

    public bool KeepsObjects => store.KeepsObjects;

    public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await store.TryClaimAsync(key, request, cancellationToken);
        }
        catch (IOException) when (flaws.HasFlag(Flaws.SilenceIsConsent))
        {
            return new Claim.Acquired(++_madeUpFence, Attempt: 1, TakenOver: false);
        }
    }

    public async ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        var answer = SaveAsync(key, owner, outcome, retention, cancellationToken);
        return flaws.HasFlag(Flaws.ResultIsReturnedUnconfirmed) ? OwnerAnswer.Accepted : await answer;
    }

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        flaws.HasFlag(Flaws.NothingIsAbandoned) ? default : store.AbandonAsync(key, token, cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        store.RenewAsync(key, owner, lease, cancellationToken);

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        store.ReleaseAsync(key, owner, cancellationToken);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => store.GetAsync(key, cancellationToken);

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        store.WaitAsync(key, version, timeout, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        store.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => store.PurgeAsync(max, cancellationToken);

    private async Task<OwnerAnswer> SaveAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        try
        {
            return await store.CompleteAsync(key, owner, outcome, retention, cancellationToken);
        }
        catch (Exception) when (flaws.HasFlag(Flaws.FailedSavingFreesTheKey))
        {
            await store.ReleaseAsync(key, owner, cancellationToken);
            throw;
        }
    }
}
