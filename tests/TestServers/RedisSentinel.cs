namespace Idempotency.TestServers;

/// <summary>A sentinel on loopback that watches one primary, and by itself promotes a replica when it is dead.</summary>
public sealed class RedisSentinel : IDisposable
{
    private readonly string _folder;
    private readonly ServerProcess _process;

    private RedisSentinel(string folder, ServerProcess process) => (_folder, _process) = (folder, process);

    /// <summary>Starts one, and waits until it knows all replicas.</summary>
    public static async Task<RedisSentinel> StartAsync(RedisServer primary, int replicas)
    {
        var folder = Directory.CreateTempSubdirectory("idempotency-sentinel-").FullName;
        var (port, file) = (LoopbackPort.Free(), Path.Combine(folder, "sentinel.conf")); // which it rewrites
        await File.WriteAllTextAsync(file, $"""
            port {port}
            bind 127.0.0.1
            dir {folder}
            sentinel monitor main 127.0.0.1 {primary.Port} 1
            sentinel down-after-milliseconds main 300
            sentinel failover-timeout main 1000

            """);
        var process = await ServerProcess.StartAsync([Programs.Find("redis-server", "the package redis-server"), file, "--sentinel"], Path.Combine(folder, "log"));
        await process.UntilReadyAsync(async () => await RedisServer.SendAsync(port, "SENTINEL REPLICAS main") == $"*{replicas}");
        return new RedisSentinel(folder, process);
    }

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
