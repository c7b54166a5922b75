using System.Net.Sockets;

namespace Idempotency.TestServers;

/// <summary>A DynamoDB of the tests' own, on loopback and in memory: <c>dynalite</c>, which answers conditional updates as the real one does.</summary>
/// <remarks>It lacks the item of a failed condition, transactions and the setting of a time to live, and never deletes what has expired.</remarks>
public sealed class DynaliteServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("idempotency-dynalite-").FullName;

    private DynaliteServer() => Port = LoopbackPort.Free();

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    public ServerProcess Process { get; private set; } = null!;

    /// <summary>Starts one without tables.</summary>
    public static async Task<DynaliteServer> StartAsync()
    {
        var server = new DynaliteServer();
        string[] command =
        [
            Programs.Find("node", "the package nodejs"), Find(), "--host", "127.0.0.1", "--port", $"{server.Port}", "--createTableMs", "0", "--deleteTableMs", "0",
        ];
        server.Process = await ServerProcess.StartAsync(command, Path.Combine(server._folder, "log"));
        await server.Process.UntilReadyAsync(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", server.Port);
            return true;
        });
        return server;
    }

    public void Dispose()
    {
        Process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The program: where <c>DYNALITE</c> says, or where <c>npm ci</c> has put it in a folder of the repository.</summary>
    private static string Find()
    {
        const string Installed = "tests/TestServers/dynalite/node_modules/dynalite/cli.js";
        if (Environment.GetEnvironmentVariable("DYNALITE") is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw new MissingServerException(named, "dynalite 4.0.0, and name its cli.js with DYNALITE");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var program = Path.Combine(folder.FullName, Installed);
            if (File.Exists(program))
            {
                return program;
            }
        }

        throw new MissingServerException("dynalite", "it with npm ci --prefix tests/TestServers/dynalite");
    }
}
