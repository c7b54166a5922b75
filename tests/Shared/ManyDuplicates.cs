using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>Makes a store believe that most calls are duplicates, so that it reads before it claims.</summary>
internal static class ManyDuplicates
{
    /// <summary>Whatever clock they move: nothing may be found expired that is not theirs.</summary>
    private static readonly TimeSpan s_forAsLongAsTestsLast = TimeSpan.FromDays(36_500);

    public static async Task MakeAsync(int count, params IIdempotencyStore[] stores)
    {
        var key = IdempotencyKey.FromCanonical("tests.many", Guid.NewGuid().ToByteArray());
        foreach (var store in stores)
        {
            for (var claim = 0; claim <= count; claim++)
            {
                var request = new ClaimRequest(OwnerToken.New(), TimeSpan.FromMinutes(1), OnCrash.Retry, default);
                if (await store.TryClaimAsync(key, request, CancellationToken.None) is Claim.Acquired granted)
                {
                    await store.CompleteAsync(
                        key, new Ownership(request.Token, granted.Fence), new StoredOutcome(isFailure: false, default), s_forAsLongAsTestsLast, CancellationToken.None);
                }
            }
        }
    }
}
