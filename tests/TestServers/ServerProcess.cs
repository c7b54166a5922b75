using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Idempotency.TestServers;

/// <summary>
/// A server that a test has started: it can be killed and stopped, and does not outlive the test's process, however that ends.
/// </summary>
public sealed partial class ServerProcess : IDisposable
{
    /// <summary>Its standard input ends with this process, and then the server is killed. Says its process id, so that signals reach it and not the shell.</summary>
    private const string Wrapper =
        """
        exec 3<&0 2>/dev/null
        "$@" </dev/null >>"$SERVER_LOG" 2>&1 &
        server=$!
        echo $server
        { read -r _ <&3; kill -KILL $server; } >/dev/null 2>&1 &
        watch=$!
        wait $server
        kill -KILL $watch
        """;

    private readonly Process _shell;

    private ServerProcess(Process shell, int id, string log) => (_shell, Id, Log) = (shell, id, log);

    /// <summary>The server's own process id.</summary>
    public int Id { get; }

    /// <summary>Where its output goes.</summary>
    public string Log { get; }

    public bool HasExited => _shell.HasExited;

    /// <summary>Starts a program; without waiting until it answers.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="log">The file its output is appended to.</param>
    /// <param name="environment">Variables it gets besides this process's.</param>
    public static async Task<ServerProcess> StartAsync(IEnumerable<string> command, string log, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-c", Wrapper, "server", .. command])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["SERVER_LOG"] = log;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var shell = Process.Start(start)!;
        var id = await shell.StandardOutput.ReadLineAsync();
        return new ServerProcess(shell, int.Parse(id!, CultureInfo.InvariantCulture), log);
    }

    /// <summary>Asks until the answer is yes; fails with what the server has said when it ends instead, or takes a minute.</summary>
    public async Task UntilReadyAsync(Func<Task<bool>> isReady)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(isReady))
        {
            if (HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException($"A server did not start. It said:\n{(File.Exists(Log) ? File.ReadAllText(Log) : "nothing")}");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>Ends it without a chance to tidy up, as the death of a machine does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Send(Signal.Kill);
        await _shell.WaitForExitAsync();
    }

    /// <summary>Lets it do nothing, while its connections stay open.</summary>
    public void Stop() => Send(Signal.Stop);

    /// <summary>Lets a stopped one go on.</summary>
    public void Continue() => Send(Signal.Continue);

    /// <summary>Sends a signal and waits until the server has ended.</summary>
    public async Task EndAsync(Signal signal)
    {
        Send(signal);
        await _shell.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_shell.HasExited)
        {
            Send(Signal.Kill);
            _shell.WaitForExit();
        }

        _shell.Dispose();
    }

    private static async Task<bool> IsReadyAsync(Func<Task<bool>> isReady)
    {
        try
        {
            return await isReady();
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            return false; // not yet listening
        }
    }

    private void Send(Signal signal)
    {
        if (!_shell.HasExited)
        {
            _ = SendSignal(Id, (int)signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
