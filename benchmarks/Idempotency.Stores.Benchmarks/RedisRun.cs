using System.Globalization;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.StoresBenchmarks;

/// <summary>The Redis store beside bare commands of the same client on the same server.</summary>
internal sealed class RedisRun(IDatabase database, IIdempotencyStore store, IdempotencyGuard guard)
{
    private const int Million = 1_000_000;

    private static readonly StoredOutcome s_outcome = new(isFailure: false, new byte[100]);
    private static readonly IdempotentOperation<int> s_operation = new("bench.charge");

    private static int s_keys;

    public static async Task RunAsync()
    {
        using var server = await RedisServer.StartAsync();
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        using var store = new RedisStore(connection);
        using var guard = IdempotencyGuard.Create(store);
        var run = new RedisRun(connection.GetDatabase(), store, guard);
        Report.Begin("Redis. A fresh call is a claim and its completion with 100 bytes; a duplicate finds them. Bare is the same client.");
        foreach (var callers in new[] { 1, 16, 64, 256 })
        {
            await run.CompareAsync(callers);
            await server.SendAsync("FLUSHALL");
        }

        await SizeAsync(server, connection.GetDatabase(), store);
    }

    private async Task CompareAsync(int callers)
    {
        var duplicate = NewKey();
        await FreshAsync(duplicate);
        await guard.RunAsync(s_operation, "duplicate", static _ => Task.FromResult(1));
        await database.StringSetAsync("bare", new byte[190]);
        var rates = await Load.CompareAsync(
            callers,
            () => database.StringGetAsync("bare"),
            () => ClaimAsync(duplicate, OwnerToken.New()),
            () => FreshAsync(NewKey()),
            () => guard.RunAsync(s_operation, "duplicate", static _ => Task.FromResult(1)),
            () => guard.RunAsync(s_operation, NewName(), static _ => Task.FromResult(1)));
        Report.Tell("duplicate, store", callers, rates[1], "GET", rates[0], callers > 1 ? 0.75 : null);
        Report.Tell("fresh, store", callers, rates[2], "GET", rates[0], callers > 1 ? 0.25 : null);
        Report.Tell("duplicate, guard", callers, rates[3], "GET", rates[0], null);
        Report.Tell("fresh, guard", callers, rates[4], "GET", rates[0], null);
    }

    private static async Task SizeAsync(RedisServer server, IDatabase database, RedisStore store)
    {
        var empty = await MegabytesAsync(server);
        await Parallel.ForAsync(0, Million, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
            await database.StringSetAsync($"idempotency:{Guid.NewGuid():n}", "1", TimeSpan.FromDays(1), When.NotExists));
        var bare = await MegabytesAsync(server) - empty;
        await server.SendAsync("FLUSHALL");
        empty = await MegabytesAsync(server);
        var outcome = new StoredOutcome(isFailure: false, default);
        await Parallel.ForAsync(0, Million, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) =>
        {
            var (key, token) = (NewKey(), OwnerToken.New());
            var granted = (Claim.Acquired)await store.TryClaimAsync(key, new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Retry, default), default);
            await store.CompleteAsync(key, new Ownership(token, granted.Fence), outcome, TimeSpan.FromDays(1), default);
        });
        Report.TellSize("a million completed keys, without outcome", await MegabytesAsync(server) - empty, "SET NX EX of 44 characters", bare);
    }

    private static async Task<double> MegabytesAsync(RedisServer server)
    {
        var used = (await server.SendAllAsync("INFO memory")).Split('\n').First(static line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return double.Parse(used["used_memory:".Length..], CultureInfo.InvariantCulture) / 1e6;
    }

    private async Task FreshAsync(IdempotencyKey key)
    {
        var token = OwnerToken.New();
        var granted = (Claim.Acquired)await ClaimAsync(key, token);
        await store.CompleteAsync(key, new Ownership(token, granted.Fence), s_outcome, TimeSpan.FromHours(1), CancellationToken.None);
    }

    private Task<Claim> ClaimAsync(IdempotencyKey key, OwnerToken token) =>
        store.TryClaimAsync(key, new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Retry, default), CancellationToken.None).AsTask();

    private static string NewName() => $"order {Interlocked.Increment(ref s_keys)}";

    private static IdempotencyKey NewKey() => IdempotencyKey.FromCanonical("bench.charge", BitConverter.GetBytes((long)Interlocked.Increment(ref s_keys)));
}
