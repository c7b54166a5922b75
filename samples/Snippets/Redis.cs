using Idempotency;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Snippets.Redis;

internal static class Startup
{
    public static void Address(IServiceCollection services)
    {
        #region redis-registration
        services.AddIdempotency()
            .UseRedis("localhost:6379"); // or "redis.example.com:6380,ssl=true,password=…"
        #endregion
    }

    public static void Connection(IServiceCollection services, IConnectionMultiplexer connection)
    {
        #region redis-connection
        services.AddSingleton(connection); // the application's own
        services.AddIdempotency()
            .UseRedis(provider => provider.GetRequiredService<IConnectionMultiplexer>(), store => store.KeyPrefix = "shop:once:");
        #endregion
    }

    public static void Replicas(IServiceCollection services)
    {
        #region redis-replicas
        services.AddIdempotency()
            .UseRedis("redis-1:6379,redis-2:6379,redis-3:6379", store =>
            {
                store.MinReplicas = 2;       // all replicas that may be promoted
                store.DetectDataLoss = true; // refuse OnCrash.Hold when the data is gone
            });
        #endregion
    }

    public static async Task AcceptAsync()
    {
        #region redis-accept
        await using var store = new RedisStore("localhost:6379");
        await store.AcceptDataAsync(); // once, when the store is new; again after a loss that somebody has looked into
        #endregion
    }
}
