using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>Passes a point before and after every call of a store.</summary>
internal sealed class FaultingStore(IIdempotencyStore inner, Action<string> at) : IIdempotencyStore
{
    /// <summary>The points that a call passes when all goes well; the body's own are passed by the body.</summary>
    public static string[] CommonPoints { get; } =
        ["claim-", "claim+", "body", "effect-", "effect+", "complete-", "complete+", "returned"];

    public static string[] RarePoints { get; } =
        ["release-", "release+", "abandon-", "abandon+", "wait-", "wait+", "get-", "get+", "renew-", "renew+", "purge-", "purge+"];

    public bool KeepsObjects => inner.KeepsObjects;

    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint) => inner.TryPeek(canonicalKey, fingerprint);

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        AtAsync("claim", () => inner.TryClaimAsync(key, request, cancellationToken));

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        AtAsync("renew", () => inner.RenewAsync(key, owner, lease, cancellationToken));

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        AtAsync("complete", () => inner.CompleteAsync(key, owner, outcome, retention, cancellationToken));

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        AtAsync("release", () => inner.ReleaseAsync(key, owner, cancellationToken));

    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        await AtAsync("abandon", async () =>
        {
            await inner.AbandonAsync(key, token, cancellationToken);
            return true;
        });

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        AtAsync("get", () => inner.GetAsync(key, cancellationToken));

    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        await AtAsync("wait", async () =>
        {
            await inner.WaitAsync(key, version, timeout, cancellationToken);
            return true;
        });

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => AtAsync("purge", () => inner.PurgeAsync(max, cancellationToken));

    private async ValueTask<TAnswer> AtAsync<TAnswer>(string call, Func<ValueTask<TAnswer>> make)
    {
        at(call + "-");
        var answer = await make();
        at(call + "+");
        return answer;
    }
}
