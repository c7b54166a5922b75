namespace Idempotency.TestServers;

/// <summary>A cluster of three primaries on loopback.</summary>
public sealed class RedisCluster : IDisposable
{
    private const int Nodes = 3, Slots = 16384;

    private RedisCluster(RedisServer[] servers) => Servers = servers;

    public RedisServer[] Servers { get; }

    /// <summary>Starts one, and waits until all nodes agree that it is whole.</summary>
    public static async Task<RedisCluster> StartAsync(ServerClock? clock = null)
    {
        var servers = new RedisServer[Nodes];
        for (var i = 0; i < Nodes; i++)
        {
            // The port on which nodes talk to each other is this far above by default, which may be out of range.
            servers[i] = await RedisServer.StartAsync(clock, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000", "--cluster-port", $"{LoopbackPort.Free()}");
            await servers[i].SendAsync($"CLUSTER ADDSLOTSRANGE {Slots * i / Nodes} {(Slots * (i + 1) / Nodes) - 1}");
        }

        foreach (var server in servers[1..])
        {
            await server.SendAsync($"CLUSTER MEET 127.0.0.1 {servers[0].Port} {servers[0].ClusterPort}");
        }

        var cluster = new RedisCluster(servers);
        foreach (var server in servers)
        {
            while (!await server.IsPartOfAsync(Nodes))
            {
                await Task.Delay(20);
            }
        }

        return cluster;
    }

    public void Dispose()
    {
        foreach (var server in Servers)
        {
            server.Dispose();
        }
    }
}
