using System.Globalization;
using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Reporting;
using Idempotency.Storage;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The Redis store beside bare commands of the same client on the same server.</summary>
internal static class RedisSection
{
    private const int Million = 1_000_000;

    public static async Task RunAsync(Section section)
    {
        using var server = await RedisServer.StartAsync();
        section.Say(
            $"{Versions.OfProgram("redis-server", "--version")}, {Versions.Of<ConnectionMultiplexer>()}. A fresh call is a claim and its completion, each a script on the server, "
            + "with 100 bytes of outcome; a duplicate finds them. `GET` fetches 190 bytes through the same client.");
        using (var comparison = await LoadComparison.StartAsync(section, "redis", server.Address))
        {
            await comparison.RunAsync(
                "Redis",
                section.IsFull ? [1, 8, 16, 64, 256] : [1, 16, 64],
                [
                    new(Calls.Duplicate, RedisCalls.Get, static callers => callers > 1 ? 0.75 : null),
                    new(Calls.Fresh, RedisCalls.Get, static callers => callers > 1 ? 0.25 : null),
                    new(Calls.GuardedDuplicate, Calls.Duplicate),
                    new(Calls.GuardedFresh, Calls.Fresh),
                ]);
        }

        if (section.IsFull)
        {
            await server.SendAsync("FLUSHALL");
            await TellSizeAsync(section, server);
        }
    }

    private static async Task TellSizeAsync(Section section, RedisServer server)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var (database, empty) = (connection.GetDatabase(), await BytesAsync(server));
        await Parallel.ForAsync(0, Million, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
            await database.StringSetAsync($"idempotency:{Guid.NewGuid():n}", "1", TimeSpan.FromDays(1), When.NotExists));
        var bare = await BytesAsync(server) - empty;
        await server.SendAsync("FLUSHALL");
        empty = await BytesAsync(server);
        using var store = new RedisStore(connection);
        using var calls = new Calls(store);
        var outcome = new StoredOutcome(isFailure: false, default);
        await Parallel.ForAsync(0, Million, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) => await calls.FreshAsync(Calls.NewKey(), outcome));
        section.Say(
            $"A million completed keys without outcome take {Figures.Bytes(await BytesAsync(server) - empty)} of the server's memory, "
            + $"as many bare `SET … NX EX` of 44 characters {Figures.Bytes(bare)}.");
    }

    private static async Task<double> BytesAsync(RedisServer server)
    {
        var used = (await server.SendAllAsync("INFO memory")).Split('\n').First(static line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return double.Parse(used["used_memory:".Length..], CultureInfo.InvariantCulture);
    }
}
