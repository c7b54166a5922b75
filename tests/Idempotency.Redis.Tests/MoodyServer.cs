using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Idempotency.Redis.Tests;

/// <summary>A real server behind somebody who answers for it when told to: what servers say in bad moments. Commands about records only; clients may still ask who is there.</summary>
internal sealed class MoodyServer : IDisposable
{
    /// <summary>Instead of an answer: hangs up, without having passed the command on.</summary>
    public const string HangsUp = "";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private readonly int _target;
    private string _error = "";
    private int _left;

    public MoodyServer(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>How often it has answered for the server.</summary>
    public int Said { get; private set; }

    /// <summary>From now on the next so many commands about records get this error, and the server none of them.</summary>
    public void Say(string error, int times)
    {
        lock (_gate)
        {
            (_error, _left) = (error, times);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var socket in _sockets)
        {
            socket.Close(timeout: 0);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _sockets.Add(client);
        _sockets.Add(server);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await SpeakAsync(new NetworkStream(client), new NetworkStream(server));
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException)
        {
            // One side is gone, and so is the other.
        }

        client.Close(timeout: 0);
    }

    /// <summary>One command after the other; from a subscription on, whatever comes.</summary>
    private async Task SpeakAsync(NetworkStream client, NetworkStream server)
    {
        var (commands, answers) = (new Reader(client), new Reader(server));
        for (var isListening = false; ;)
        {
            var command = await commands.ReadAsync();
            var words = Encoding.Latin1.GetString(command).Split("\r\n");
            if (IsAboutRecords(words) && Mood() is { } error)
            {
                if (error == HangsUp)
                {
                    return;
                }

                await client.WriteAsync(Encoding.Latin1.GetBytes($"-{error}\r\n"));
                continue;
            }

            await server.WriteAsync(command);
            if (!isListening && words[2].EndsWith("SUBSCRIBE", StringComparison.OrdinalIgnoreCase))
            {
                isListening = true;
                _ = server.CopyToAsync(client).ContinueWith(static end => end.Exception, TaskScheduler.Default);
            }

            if (!isListening)
            {
                await client.WriteAsync(await answers.ReadAsync());
            }
        }
    }

    /// <summary>Words and their lengths alternate.</summary>
    private static bool IsAboutRecords(string[] words) =>
        words[2].StartsWith("EVAL", StringComparison.OrdinalIgnoreCase)
        || (words[2].Equals("GET", StringComparison.OrdinalIgnoreCase) && words[4].StartsWith("idempotency:", StringComparison.Ordinal));

    private string? Mood()
    {
        lock (_gate)
        {
            if (_left == 0)
            {
                return null;
            }

            _left--;
            Said++;
            return _error;
        }
    }

    /// <summary>Reads one value of the protocol at a time, as it was sent.</summary>
    private sealed class Reader(NetworkStream stream)
    {
        private readonly BufferedStream _stream = new(stream, 1 << 16);

        public async Task<byte[]> ReadAsync()
        {
            var raw = new MemoryStream();
            await CopyAsync(raw);
            return raw.ToArray();
        }

        private async Task CopyAsync(MemoryStream raw)
        {
            var line = await ReadLineAsync(raw);
            var count = line[0] is '$' or '*' ? int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) : -1;
            if (line[0] == '$' && count >= 0)
            {
                var text = new byte[count + 2];
                await _stream.ReadExactlyAsync(text);
                raw.Write(text);
            }

            for (var i = 0; line[0] == '*' && i < count; i++)
            {
                await CopyAsync(raw);
            }
        }

        private async Task<string> ReadLineAsync(MemoryStream raw)
        {
            var (line, next) = (new StringBuilder(), new byte[1]);
            while (next[0] != '\n')
            {
                await _stream.ReadExactlyAsync(next);
                raw.Write(next);
                line.Append((char)next[0]);
            }

            return line.ToString().TrimEnd();
        }
    }
}
