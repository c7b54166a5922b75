using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>Short words for what tests ask of a store.</summary>
internal static class TestStore
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    /// <summary>For what comes at once; only a broken promise takes so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static IdempotencyKey NewKey(string operation = "tests.charge") => IdempotencyKey.FromCanonical(operation, Guid.NewGuid().ToByteArray());

    public static ValueTask<Claim> ClaimAsync(
        this IIdempotencyStore store, IdempotencyKey key, OwnerToken? token = null, OnCrash onCrash = OnCrash.Retry, TimeSpan? lease = null) =>
        store.TryClaimAsync(key, new ClaimRequest(token ?? OwnerToken.New(), lease ?? Lease, onCrash, default), CancellationToken.None);

    public static async Task<Ownership> AcquireAsync(this IIdempotencyStore store, IdempotencyKey key, TimeSpan? lease = null)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await store.ClaimAsync(key, token, lease: lease)).Fence);
    }

    public static ValueTask<OwnerAnswer> CompleteAsync(this IIdempotencyStore store, IdempotencyKey key, Ownership owner, TimeSpan? retention = null) =>
        store.CompleteAsync(key, owner, new StoredOutcome(isFailure: false, "done"u8.ToArray()), retention ?? Retention, CancellationToken.None);
}
