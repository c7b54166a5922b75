using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Idempotency.Benchmarks.Http;

/// <summary>A client that costs next to nothing: kept connections, and requests that are bytes already.</summary>
internal sealed class Connections(Uri server, string path, int count, bool isFresh)
{
    private static readonly string s_run = Guid.NewGuid().ToString("N");
    private static long s_keys;

    private readonly ConcurrentBag<Connection> _idle = [];
    private readonly SemaphoreSlim _opening = new(count);

    public async Task SendAsync()
    {
        if (!_idle.TryTake(out var connection))
        {
            await _opening.WaitAsync();
            connection = await Connection.OpenAsync(server, path);
        }

        await connection.SendAsync(isFresh ? Interlocked.Increment(ref s_keys) : 0);
        _idle.Add(connection);
    }

    private sealed class Connection(Socket socket, byte[] request, int keyAt)
    {
        private readonly byte[] _answer = new byte[4096];

        public static async Task<Connection> OpenAsync(Uri server, string path)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server.Host, server.Port);
            const string Body = """{"userId":42,"amount":9.99}""";
            var head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\nIdempotency-Key: \"{s_run}-";
            return new Connection(socket, Encoding.ASCII.GetBytes($"{head}{0:D16}\"\r\n\r\n{Body}"), head.Length);
        }

        public async Task SendAsync(long key)
        {
            key.TryFormat(request.AsSpan(keyAt, 16), out _, "D16", CultureInfo.InvariantCulture);
            await socket.SendAsync(request);
            var received = 0;
            do
            {
                var more = await socket.ReceiveAsync(_answer.AsMemory(received));
                received += more > 0 ? more : throw new InvalidOperationException("The server hung up before its answer was whole.");
            }
            while (!_answer.AsSpan(0, received).EndsWith("}"u8) && !_answer.AsSpan(0, received).EndsWith("0\r\n\r\n"u8));
            if (!_answer.AsSpan().StartsWith("HTTP/1.1 200"u8))
            {
                throw new InvalidOperationException(Encoding.ASCII.GetString(_answer, 0, received));
            }
        }
    }
}
