using System.Net.Sockets;

namespace Idempotency.PostgreSql.Tests;

/// <summary>A pooler that gives each transaction any of its few connections to the server.</summary>
internal sealed class PgBouncer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("idempotency-pgbouncer-").FullName;
    private readonly int _port = LoopbackPort.Free();
    private ServerProcess _process = null!;

    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;No Reset On Close=true";

    public static async Task<PgBouncer> StartAsync(int server)
    {
        var pooler = new PgBouncer();
        var settings = Path.Combine(pooler._folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            settings,
            $"""
            [databases]
            postgres = user=postgres dbname=postgres host=127.0.0.1 port={server}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {pooler._port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 4
            max_client_conn = 500
            ignore_startup_parameters = extra_float_digits
            """);
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", "pgbouncer", settings]
            : ["pgbouncer", settings];
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(pooler._folder, (UnixFileMode)0b111_101_101); // it does not run as root
        }

        if (!File.Exists("/usr/sbin/pgbouncer") && !File.Exists("/usr/bin/pgbouncer"))
        {
            throw new MissingServerException("pgbouncer", "the package pgbouncer");
        }

        pooler._process = await ServerProcess.StartAsync(
            command, Path.Combine(pooler._folder, "log"), new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/bin" });
        await pooler._process.UntilReadyAsync(async () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", pooler._port);
            return true;
        });
        return pooler;
    }

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
