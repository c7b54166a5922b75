using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>A server that the tests of a class share, each with a prefix of its own, and with a clock that they move.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private RedisServer? _server;

    public ServerClock Clock { get; } = new();

    public RedisServer Server => _server!;

    /// <summary>Two connections, as two processes have them.</summary>
    public IConnectionMultiplexer[] Connections { get; private set; } = [];

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync(Clock);
        Connections = [await ConnectionMultiplexer.ConnectAsync(_server.Address), await ConnectionMultiplexer.ConnectAsync(_server.Address)];
    }

    public Task DisposeAsync()
    {
        foreach (var connection in Connections)
        {
            connection.Dispose();
        }

        _server?.Dispose();
        Clock.Dispose();
        return Task.CompletedTask;
    }
}
