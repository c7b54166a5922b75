using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The calls that are measured, of any store.</summary>
internal sealed class Calls(IIdempotencyStore store) : IDisposable
{
    public const string Operation = "bench.charge";

    /// <summary>What is measured of every store: the store alone, and a call of a guarded method.</summary>
    public const string Duplicate = "duplicate, store", Fresh = "fresh, store", GuardedDuplicate = "duplicate, guard", GuardedFresh = "fresh, guard";

    private static readonly StoredOutcome s_outcome = new(isFailure: false, new byte[100]);
    private static readonly IdempotentOperation<int> s_operation = new(Operation);
    private static long s_keys = (long)Environment.ProcessId << 32; // processes have keys of their own

    private readonly IdempotencyGuard _guard = IdempotencyGuard.Create(store);

    public static string NewName() => $"order {Interlocked.Increment(ref s_keys)}";

    public static IdempotencyKey NewKey() => IdempotencyKey.FromCanonical(Operation, BitConverter.GetBytes(Interlocked.Increment(ref s_keys)));

    /// <summary>The calls by their names.</summary>
    /// <param name="prefix">What the names begin with, where there are several such stores.</param>
    public async Task<Dictionary<string, Func<Task>>> WaysAsync(string prefix = "")
    {
        var (key, name) = (NewKey(), NewName());
        await FreshAsync(key);
        await GuardAsync(name);
        return new()
        {
            [prefix + Duplicate] = () => ClaimAsync(key),
            [prefix + Fresh] = () => FreshAsync(NewKey()),
            [prefix + GuardedDuplicate] = () => GuardAsync(name),
            [prefix + GuardedFresh] = () => GuardAsync(NewName()),
        };
    }

    /// <summary>A claim: all there is to a duplicate.</summary>
    public Task<Claim> ClaimAsync(IdempotencyKey key) => ClaimAsync(key, OwnerToken.New());

    /// <summary>A claim and its completion, with 100 bytes unless something else is named.</summary>
    public async Task FreshAsync(IdempotencyKey key, StoredOutcome? outcome = null)
    {
        var token = OwnerToken.New();
        var granted = (Claim.Acquired)await ClaimAsync(key, token);
        await store.CompleteAsync(key, new Ownership(token, granted.Fence), outcome ?? s_outcome, TimeSpan.FromHours(1), CancellationToken.None);
    }

    public void Dispose() => _guard.Dispose();

    /// <summary>A call of a method through the guard.</summary>
    private Task<int> GuardAsync(string name) => _guard.RunAsync(s_operation, name, static _ => Task.FromResult(1));

    private Task<Claim> ClaimAsync(IdempotencyKey key, OwnerToken token) =>
        store.TryClaimAsync(key, new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Retry, default), CancellationToken.None).AsTask();
}
