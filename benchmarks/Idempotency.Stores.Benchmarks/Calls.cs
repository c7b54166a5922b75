using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.StoresBenchmarks;

/// <summary>The calls that are measured, of any store.</summary>
internal sealed class Calls(IIdempotencyStore store) : IDisposable
{
    public const string Operation = "bench.charge";

    private static readonly StoredOutcome s_outcome = new(isFailure: false, new byte[100]);
    private static readonly IdempotentOperation<int> s_operation = new(Operation);
    private static int s_keys;

    private readonly IdempotencyGuard _guard = IdempotencyGuard.Create(store);

    public static string NewName() => $"order {Interlocked.Increment(ref s_keys)}";

    public static IdempotencyKey NewKey() => IdempotencyKey.FromCanonical(Operation, BitConverter.GetBytes((long)Interlocked.Increment(ref s_keys)));

    /// <summary>A claim: all there is to a duplicate.</summary>
    public Task<Claim> ClaimAsync(IdempotencyKey key) => ClaimAsync(key, OwnerToken.New());

    /// <summary>A claim and its completion, with 100 bytes unless something else is named.</summary>
    public async Task FreshAsync(IdempotencyKey key, StoredOutcome? outcome = null)
    {
        var token = OwnerToken.New();
        var granted = (Claim.Acquired)await ClaimAsync(key, token);
        await store.CompleteAsync(key, new Ownership(token, granted.Fence), outcome ?? s_outcome, TimeSpan.FromHours(1), CancellationToken.None);
    }

    /// <summary>A call of a method through the guard.</summary>
    public Task<int> GuardAsync(string name) => _guard.RunAsync(s_operation, name, static _ => Task.FromResult(1));

    public void Dispose() => _guard.Dispose();

    private Task<Claim> ClaimAsync(IdempotencyKey key, OwnerToken token) =>
        store.TryClaimAsync(key, new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Retry, default), CancellationToken.None).AsTask();
}
