using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Redis.Tests;

/// <summary>Calls of a store as tests make them.</summary>
internal static class Calls
{
    public static IdempotencyKey NewKey() => IdempotencyKey.FromCanonical("test.charge", Guid.NewGuid().ToByteArray());

    public static ValueTask<Claim> ClaimAsync(this IIdempotencyStore store, IdempotencyKey key, OwnerToken? token = null, OnCrash onCrash = OnCrash.Retry) =>
        store.TryClaimAsync(key, new ClaimRequest(token ?? OwnerToken.New(), TimeSpan.FromSeconds(30), onCrash, default), CancellationToken.None);

    public static async Task<Ownership> AcquireAsync(this IIdempotencyStore store, IdempotencyKey key, OnCrash onCrash = OnCrash.Retry)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await store.ClaimAsync(key, token, onCrash)).Fence);
    }

    public static ValueTask<OwnerAnswer> CompleteAsync(this IIdempotencyStore store, IdempotencyKey key, Ownership owner) =>
        store.CompleteAsync(key, owner, new StoredOutcome(isFailure: false, "done"u8.ToArray()), TimeSpan.FromHours(1), CancellationToken.None);

    /// <summary>Claims until the store answers, with the same token: as the guard does.</summary>
    public static async Task<Claim> ClaimUntilAnsweredAsync(this IIdempotencyStore store, IdempotencyKey key, OwnerToken token, OnCrash onCrash = OnCrash.Retry)
    {
        for (var left = 600; ; left--)
        {
            try
            {
                return await store.ClaimAsync(key, token, onCrash);
            }
            catch (Exception failure) when (failure is IOException or TimeoutException && left > 0)
            {
                await Task.Delay(50); // between two tries, as the guard pauses; nothing is concluded from how long it takes
            }
        }
    }
}
