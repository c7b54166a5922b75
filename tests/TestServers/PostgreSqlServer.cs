using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Idempotency.TestServers;

/// <summary>A <c>postgres</c> of the tests' own, on loopback, with its data in a folder of its own.</summary>
/// <remarks>It refuses to run as root; then it runs as the user <c>postgres</c>, whom its package brings along.</remarks>
public sealed class PostgreSqlServer : IDisposable
{
    private static readonly string[] s_asPostgres = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : [];

    private readonly string _folder;
    private readonly ServerClock? _clock;
    private readonly string[] _options;
    private ServerProcess _process = null!;

    private PostgreSqlServer(ServerClock? clock, string[] options)
    {
        _clock = clock;
        _options = options;
        _folder = Directory.CreateTempSubdirectory("idempotency-postgres-").FullName;
        Port = LoopbackPort.Free();
    }

    public int Port { get; }

    /// <summary>Of the one superuser, who needs no password from here.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    public ServerProcess Process => _process;

    /// <summary>Starts one that does not wait for the disk unless an option says so.</summary>
    /// <param name="clock">Its wall clock; the system's when absent.</param>
    /// <param name="options">Settings as in its configuration: <c>fsync=on</c>.</param>
    public static async Task<PostgreSqlServer> StartAsync(ServerClock? clock = null, params string[] options)
    {
        var server = new PostgreSqlServer(clock, options);
        try
        {
            await server.InitializeAsync();
            await server.StartAsync();
            return server;
        }
        catch
        {
            // Thrown on; only its process and its folder must not stay behind.
            server.Dispose();
            throw;
        }
    }

    /// <summary>Starts a replica of a server that runs, which follows it and can be read from.</summary>
    public static async Task<PostgreSqlServer> StartReplicaAsync(PostgreSqlServer primary)
    {
        var server = new PostgreSqlServer(clock: null, []);
        try
        {
            await server.OwnFolderAsync();
            await RunAsync([
                .. s_asPostgres, Program("pg_basebackup"), "-D", server.Data, "-h", "127.0.0.1", "-p", $"{primary.Port}", "-U", "postgres", "--checkpoint=fast",
                "--no-sync", "--write-recovery-conf",
            ]);
            await server.StartAsync();
            return server;
        }
        catch
        {
            // Thrown on; only its process and its folder must not stay behind.
            server.Dispose();
            throw;
        }
    }

    /// <summary>Starts it again after it has ended, on the same port, with what its folder holds.</summary>
    public async Task StartAsync()
    {
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={Port}", $"unix_socket_directories={_folder}", "fsync=off", "max_connections=200",
            "shared_buffers=64MB", "autovacuum_naptime=10s", "log_min_messages=warning", .. _options,
        ];
        _process = await ServerProcess.StartAsync(
            [.. s_asPostgres, Program("postgres"), "-D", Data, .. settings.SelectMany(static setting => (string[])["-c", setting])], Path.Combine(_folder, "log"), _clock?.Environment);
        await _process.UntilReadyAsync(IsServingAsync);
    }

    /// <summary>Ends it as a dying machine does: nobody of its processes has the time to tidy up.</summary>
    public async Task KillAsync()
    {
        await _process.KillAsync();
        await UntilAloneAsync(); // its children notice that it is gone, and may hold the port and the memory until then
    }

    /// <summary>Restarts it as <c>pg_ctl -m immediate restart</c> does: without a checkpoint, so that it recovers.</summary>
    public async Task RestartAsync()
    {
        await _process.EndAsync(Signal.Quit);
        await StartAsync();
    }

    /// <summary>Lets it and all of its children do nothing, while their connections stay open.</summary>
    public void Stop() => SignalAll(static process => process.Stop(), "STOP");

    /// <summary>Lets them go on.</summary>
    public void Continue() => SignalAll(static process => process.Continue(), "CONT");

    public void Dispose()
    {
        _process?.Dispose();
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (IOException) when (tries < 50)
            {
                Thread.Sleep(20); // a child that has not noticed yet still writes
            }
        }
    }

    private string Data => Path.Combine(_folder, "data");

    private static string Program(string name) => Programs.Find(
        name,
        "the package postgresql",
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(static version => Path.Combine(version, "bin")) : []);

    private async Task InitializeAsync()
    {
        await OwnFolderAsync();
        await RunAsync(
            [.. s_asPostgres, Program("initdb"), "-D", Data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--no-instructions"]);
    }

    private async Task OwnFolderAsync()
    {
        if (s_asPostgres.Length > 0)
        {
            await RunAsync("chown", "postgres", _folder);
        }
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} failed:\n{string.Join('\n', said)}");
        }
    }

    /// <summary>It writes into its folder what it is doing.</summary>
    private Task<bool> IsServingAsync()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        return Task.FromResult(lines.Length >= 8 && lines[0] == $"{_process.Id}" && lines[7].Trim() is ("ready" or "standby"));
    }

    private async Task UntilAloneAsync()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync("127.0.0.1", Port);
            }
            catch (SocketException)
            {
                break;
            }
        }

        while (Children(_process.Id).Any())
        {
            await Task.Delay(10);
        }
    }

    private void SignalAll(Action<ServerProcess> signal, string name)
    {
        var children = Children(_process.Id).ToList();
        signal(_process);
        if (children.Count > 0)
        {
            RunAsync(["kill", $"-{name}", .. children.Select(static child => child.ToString(CultureInfo.InvariantCulture))]).GetAwaiter().GetResult();
        }
    }

    private static IEnumerable<int> Children(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && ParentOf(folder) == parent)
            {
                yield return id;
            }
        }
    }

    private static int ParentOf(string folder)
    {
        try
        {
            var status = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // has just ended
        }
    }
}
