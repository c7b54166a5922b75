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

    /// <summary>Ends it as a dying machine does.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Sends a command as a person would type it, with its words in quotation marks where needed, and gives the first line of the answer.</summary>
    public async Task<string> SendAsync(string command)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(client.GetStream());
        var line = await reader.ReadLineAsync() ?? throw new IOException("The server hung up.");
        return line.StartsWith('$') && line != "$-1" ? await reader.ReadLineAsync() ?? "" : line;
    }

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsServingAsync()
    {
        if (Array.IndexOf(_options, "--port") >= 0)
        {
            return File.ReadAllText(_process.Log).Contains("Ready to accept connections", StringComparison.Ordinal); // TLS only
        }

        var answer = await SendAsync("PING");
        return answer is "+PONG" || answer.StartsWith("-NOAUTH", StringComparison.Ordinal) || answer.StartsWith("-MASTERDOWN", StringComparison.Ordinal);
    }
}
