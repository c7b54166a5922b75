using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>Short words for what tests of the file store do to a store.</summary>
internal static class Records
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30), Retention = TimeSpan.FromHours(1);

    public static async Task<Claim> ClaimAsync(this IIdempotencyStore store, string key, OwnerToken? token = null, OnCrash onCrash = OnCrash.Retry) =>
        await store.TryClaimAsync(TestKeys.Of(key), new ClaimRequest(token ?? OwnerToken.New(), Lease, onCrash, default), CancellationToken.None);

    public static async Task<Ownership> AcquireAsync(this IIdempotencyStore store, string key, OnCrash onCrash = OnCrash.Retry)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await store.ClaimAsync(key, token, onCrash)).Fence);
    }

    public static async Task<OwnerAnswer> CompleteAsync(this IIdempotencyStore store, string key, Ownership owner, string result = "done", TimeSpan? retention = null) =>
        await store.CompleteAsync(TestKeys.Of(key), owner, new StoredOutcome(false, Encoding.UTF8.GetBytes(result)), retention ?? Retention, CancellationToken.None);

    /// <summary>Claims and completes a key.</summary>
    public static async Task RunAsync(this IIdempotencyStore store, string key, string result = "done", TimeSpan? retention = null) =>
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, await store.AcquireAsync(key), result, retention));

    /// <summary>The result that a claim finds, or the kind of answer it gets.</summary>
    public static async Task<string> AskAsync(this IIdempotencyStore store, string key, OnCrash onCrash = OnCrash.Retry) =>
        await store.ClaimAsync(key, onCrash: onCrash) switch
        {
            Claim.Finished finished => Encoding.UTF8.GetString(finished.Outcome.Payload.Span),
            var answer => answer.GetType().Name,
        };
}
