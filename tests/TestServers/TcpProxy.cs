using System.Net;
using System.Net.Sockets;

namespace Idempotency.TestServers;

/// <summary>Stands between a client and its server on loopback, and does to their connections what networks do.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly int _target;
    private TaskCompletionSource _flows = Flowing();
    private int _answersUntilCut;

    private TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>How long every answer is on its way; not at all by default.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Whether answers arrive byte by byte.</summary>
    public bool Trickles { get; set; }

    /// <summary>Decides how each piece of an answer arrives, one after the other; as the properties above say when absent.</summary>
    public Func<Passage>? NextPassage { get; set; }

    /// <summary>How many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>How many connections were cut in the middle of an answer.</summary>
    public int Cuts { get; private set; }

    /// <summary>Takes connections for a server on this port.</summary>
    public static TcpProxy Start(int target)
    {
        var proxy = new TcpProxy(target);
        _ = proxy.AcceptAsync();
        return proxy;
    }

    /// <summary>Lets nothing through any more, in either direction, while all connections stay open: as a network that lost its way.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Lets what was held through.</summary>
    public void LetGo()
    {
        lock (_gate)
        {
            _flows.TrySetResult();
        }
    }

    /// <summary>Cuts the connection at the n-th piece of an answer from now, of which the client gets nothing: the server has done what it was asked.</summary>
    public void CutAtAnswer(int n) => Volatile.Write(ref _answersUntilCut, n);

    /// <summary>Resets every connection there is.</summary>
    public void CutAll()
    {
        lock (_gate)
        {
            _sockets.ForEach(static socket => socket.Close(timeout: 0));
            _sockets.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        LetGo();
        CutAll();
    }

    private static TaskCompletionSource Flowing()
    {
        var flowing = new TaskCompletionSource();
        flowing.SetResult();
        return flowing;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_gate)
        {
            Connections++;
            _sockets.AddRange([client, server]);
        }

        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PumpAsync(client, server, isAnswer: false), PumpAsync(server, client, isAnswer: true));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // One side is gone, and so is the other.
        }

        client.Close(timeout: 0);
        server.Close(timeout: 0);
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        try
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                await _flows.Task;
                if (isAnswer && IsCut())
                {
                    return;
                }

                var passage = !isAnswer ? default : NextPassage is { } next ? next() : new Passage(Delay, Trickles);
                await SendAsync(to, buffer.AsMemory(0, passage.IsCutShort ? read / 2 : read), passage);
                if (passage.IsCutShort)
                {
                    Cuts++;
                    return;
                }
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private bool IsCut()
    {
        if (Volatile.Read(ref _answersUntilCut) <= 0 || Interlocked.Decrement(ref _answersUntilCut) != 0)
        {
            return false;
        }

        Cuts++;
        return true;
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, Passage passage)
    {
        if (passage.Delay > TimeSpan.Zero)
        {
            await Task.Delay(passage.Delay);
        }

        for (var step = passage.Trickles ? 1 : bytes.Length; !bytes.IsEmpty; bytes = bytes[Math.Min(step, bytes.Length)..])
        {
            await to.SendAsync(bytes[..Math.Min(step, bytes.Length)]);
        }
    }
}
