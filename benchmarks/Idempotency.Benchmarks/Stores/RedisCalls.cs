using Idempotency.Benchmarks.Load;
using StackExchange.Redis;

namespace Idempotency.Benchmarks.Stores;

/// <summary>Calls on a Redis store, and bare commands of the same client to the same server.</summary>
internal static class RedisCalls
{
    public const string Get = "GET", SetIfNone = "SET NX EX";

    public static async Task ServeAsync(string address)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(address);
        using var store = new RedisStore(connection);
        using var calls = new Calls(store);
        var ways = await calls.WaysAsync();
        var database = connection.GetDatabase();
        await database.StringSetAsync("bare", new byte[190]);
        ways[Get] = () => database.StringGetAsync("bare");
        ways[SetIfNone] = () => database.StringSetAsync(Calls.NewName(), "1", TimeSpan.FromHours(1), When.NotExists);
        await LoadProcess.ServeAsync(ways);
    }
}
