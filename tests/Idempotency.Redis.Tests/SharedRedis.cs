using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>Redis that the tests of a class share, each with a prefix of its own, and with a clock that they move.</summary>
public abstract class SharedRedis : IAsyncLifetime
{
    public ServerClock Clock { get; } = new();

    /// <summary>Two connections, as two processes have them.</summary>
    public IConnectionMultiplexer[] Connections { get; private set; } = [];

    public async Task InitializeAsync()
    {
        var configuration = await StartAsync();
        Connections = [await ConnectionMultiplexer.ConnectAsync(configuration), await ConnectionMultiplexer.ConnectAsync(configuration)];
    }

    public Task DisposeAsync()
    {
        foreach (var connection in Connections)
        {
            connection.Dispose();
        }

        Shut();
        Clock.Dispose();
        return Task.CompletedTask;
    }

    /// <returns>How to connect.</returns>
    protected abstract Task<string> StartAsync();

    protected abstract void Shut();
}

public sealed class SharedServer : SharedRedis
{
    private RedisServer? _server;

    protected override async Task<string> StartAsync() => (_server = await RedisServer.StartAsync(Clock)).Address;

    protected override void Shut() => _server?.Dispose();
}

public sealed class SharedCluster : SharedRedis
{
    private RedisCluster? _cluster;

    /// <summary>One address is enough: the client asks that server for the others.</summary>
    protected override async Task<string> StartAsync() => (_cluster = await RedisCluster.StartAsync(Clock)).Servers[0].Address;

    protected override void Shut() => _cluster?.Dispose();
}
