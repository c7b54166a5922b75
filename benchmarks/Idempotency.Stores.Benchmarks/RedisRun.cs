using System.Globalization;
using Idempotency.Storage;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.StoresBenchmarks;

/// <summary>The Redis store beside bare commands of the same client on the same server.</summary>
internal sealed class RedisRun(IDatabase database, Calls store)
{
    private const int Million = 1_000_000;

    public static async Task RunAsync()
    {
        using var server = await RedisServer.StartAsync();
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        using var store = new RedisStore(connection);
        using var calls = new Calls(store);
        var run = new RedisRun(connection.GetDatabase(), calls);
        Report.Begin("Redis. A fresh call is a claim and its completion with 100 bytes; a duplicate finds them. Bare is the same client.");
        foreach (var callers in new[] { 1, 16, 64, 256 })
        {
            await run.CompareAsync(callers);
            await server.SendAsync("FLUSHALL");
        }

        await SizeAsync(server, connection.GetDatabase(), calls);
    }

    private async Task CompareAsync(int callers)
    {
        var (duplicate, name) = (Calls.NewKey(), Calls.NewName());
        await store.FreshAsync(duplicate);
        await store.GuardAsync(name);
        await database.StringSetAsync("bare", new byte[190]);
        var rates = await Load.CompareAsync(
            callers,
            () => database.StringGetAsync("bare"),
            () => store.ClaimAsync(duplicate),
            () => store.FreshAsync(Calls.NewKey()),
            () => store.GuardAsync(name),
            () => store.GuardAsync(Calls.NewName()));
        Report.Tell("duplicate, store", callers, rates[1], "GET", rates[0], callers > 1 ? 0.75 : null);
        Report.Tell("fresh, store", callers, rates[2], "GET", rates[0], callers > 1 ? 0.25 : null);
        Report.Tell("duplicate, guard", callers, rates[3], "GET", rates[0], null);
        Report.Tell("fresh, guard", callers, rates[4], "GET", rates[0], null);
    }

    private static async Task SizeAsync(RedisServer server, IDatabase database, Calls store)
    {
        var empty = await MegabytesAsync(server);
        await Parallel.ForAsync(0, Million, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
            await database.StringSetAsync($"idempotency:{Guid.NewGuid():n}", "1", TimeSpan.FromDays(1), When.NotExists));
        var bare = await MegabytesAsync(server) - empty;
        await server.SendAsync("FLUSHALL");
        empty = await MegabytesAsync(server);
        var outcome = new StoredOutcome(isFailure: false, default);
        await Parallel.ForAsync(0, Million, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) => await store.FreshAsync(Calls.NewKey(), outcome));
        Report.TellSize("a million completed keys, without outcome", await MegabytesAsync(server) - empty, "SET NX EX of 44 characters", bare);
    }

    private static async Task<double> MegabytesAsync(RedisServer server)
    {
        var used = (await server.SendAllAsync("INFO memory")).Split('\n').First(static line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return double.Parse(used["used_memory:".Length..], CultureInfo.InvariantCulture) / 1e6;
    }
}
