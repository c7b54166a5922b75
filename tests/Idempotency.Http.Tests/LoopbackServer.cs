using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Idempotency.Http.Tests;

/// <summary>As much of an HTTP server as is needed to see what really goes over the wire.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Queue<string> _answers;
    private readonly List<string> _heads = [];
    private readonly Task _serving;

    /// <param name="answers">The answers' status lines and headers, one for each request.</param>
    public LoopbackServer(params string[] answers)
    {
        _answers = new Queue<string>(answers);
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The request line and headers of every request; complete when all answers are given.</summary>
    public async Task<IReadOnlyList<string>> HeadsAsync()
    {
        await _serving;
        return _heads;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ServeAsync()
    {
        while (_answers.TryDequeue(out var answer))
        {
            using var connection = await _listener.AcceptTcpClientAsync();
            var stream = connection.GetStream();
            var head = new StringBuilder();
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                head.Append(line).Append('\n');
            }

            _heads.Add(head.ToString());
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    }
}
