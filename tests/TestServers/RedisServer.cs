using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Idempotency.TestServers;

/// <summary>A <c>redis-server</c> of the tests' own, on loopback, that keeps what its options say in a folder of its own.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly string _folder;
    private readonly ServerClock? _clock;
    private readonly string[] _options;
    private ServerProcess _process = null!;

    private RedisServer(string[] options, ServerClock? clock)
    {
        _options = options;
        _clock = clock;
        _folder = Directory.CreateTempSubdirectory("idempotency-redis-").FullName;
        Port = LoopbackPort.Free();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Where other nodes of a cluster find it.</summary>
    public int ClusterPort => PortOf("--cluster-port");

    /// <summary>Where it speaks TLS, if an option says so.</summary>
    public int TlsPort => PortOf("--tls-port");

    public string Folder => _folder;

    public ServerProcess Process => _process;

    /// <summary>Starts one that keeps nothing on disk unless an option says so, and evicts nothing.</summary>
    /// <param name="options">Options as on its command line: <c>--appendonly yes</c>.</param>
    /// <param name="clock">Its wall clock; the system's when absent.</param>
    public static async Task<RedisServer> StartAsync(ServerClock? clock = null, params IEnumerable<string> options)
    {
        var server = new RedisServer([.. options], clock);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again after it has ended, on the same port, with what its folder holds.</summary>
    public async Task StartAsync()
    {
        string[] command =
        [
            Programs.Find("redis-server", "the package redis-server"), "--bind", "127.0.0.1", "--port", $"{Port}", "--dir", _folder,
            "--save", "", "--daemonize", "no", "--protected-mode", "no", .. _options,
        ];
        _process = await ServerProcess.StartAsync(command, Path.Combine(_folder, "log"), _clock?.Environment);
        await _process.UntilReadyAsync(async () => await IsServingAsync());
    }

    /// <summary>Starts another one that has all this one has, and gets what is written from now on.</summary>
    public async Task<RedisServer> StartReplicaAsync()
    {
        var replica = await StartAsync(options: ["--replicaof", "127.0.0.1", $"{Port}", "--repl-diskless-load", "swapdb"]);
        await replica.Process.UntilReadyAsync(async () => (await SendAllAsync("INFO replication")).Contains($"port={replica.Port},state=online", StringComparison.Ordinal));
        return replica;
    }

    /// <summary>Sends a command and gives all that is answered until the server has hung up.</summary>
    public async Task<string> SendAllAsync(string command)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command + "\r\nQUIT\r\n"));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }

    /// <summary>Ends it as a dying machine does.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Sends a command as a person would type it, with its words in quotation marks where needed, and gives the first line of the answer.</summary>
    public Task<string> SendAsync(string command) => SendAsync(Port, command);

    internal static async Task<string> SendAsync(int port, string command)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(client.GetStream());
        var line = await reader.ReadLineAsync() ?? throw new IOException("The server hung up.");
        return line.StartsWith('$') && line != "$-1" ? await reader.ReadLineAsync() ?? "" : line;
    }

    /// <summary>Whether it takes part in a cluster of so many nodes that has all it needs.</summary>
    public async Task<bool> IsPartOfAsync(int nodes)
    {
        var info = await SendAllAsync("CLUSTER INFO");
        return info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains($"cluster_known_nodes:{nodes}", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private int PortOf(string option) => int.Parse(_options[Array.IndexOf(_options, option) + 1], CultureInfo.InvariantCulture);

    private async Task<bool> IsServingAsync()
    {
        var answer = await SendAsync("PING");
        return answer is "+PONG" || answer.StartsWith("-NOAUTH", StringComparison.Ordinal) || answer.StartsWith("-MASTERDOWN", StringComparison.Ordinal);
    }
}
