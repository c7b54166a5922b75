using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit.Abstractions;

namespace Idempotency.AspNetCore.Tests;

/// <summary>The client really closes its socket, in the middle of its request, of the handler and of the response.</summary>
public sealed class DisconnectTests(ITestOutputHelper output)
{
    private const int Times = 200;

    [Fact]
    public async Task A_request_that_is_cut_off_runs_nothing_and_its_retry_runs()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => Interlocked.Increment(ref runs)).RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();
        for (var time = 0; time < Times; time++)
        {
            using (var cut = await SendAsync(server, time, body: new string('a', time % 100), length: 100))
            {
                Close(cut, time);
            }

            Assert.Equal(time, runs);
            using var retry = await client.PostAsync("/charges", $"\"{time}\"", new string('a', 100));
            Assert.Equal(HttpStatusCode.OK, retry.StatusCode);
            Assert.False(retry.IsReplay());
        }

        Assert.Equal(Times, runs);
    }

    [Fact]
    public async Task A_handler_whose_client_goes_away_goes_on_and_its_retry_gets_the_response()
    {
        var handler = new SlowHandler();
        await using var server = await handler.StartAsync(HttpProtocols.Http1);
        using var client = server.Client();
        for (var time = 0; time < Times; time++)
        {
            using (var cut = await SendAsync(server, time, body: "", length: 0))
            {
                await handler.Started.WaitAsync();
                Close(cut, time);
            }

            await handler.AssertReplayedAsync(client.PostAsync("/charges", $"\"{time}\"", ""), time);
        }

        Assert.Equal((Times, 0), (handler.Runs, handler.Cancelled));
    }

    /// <summary>Over HTTP/2 the connection lives on: it is the stream that is reset.</summary>
    [Fact]
    public async Task A_handler_whose_stream_is_reset_goes_on_and_its_retry_gets_the_response()
    {
        var handler = new SlowHandler();
        await using var server = await handler.StartAsync(HttpProtocols.Http2);
        using var client = server.Client();
        for (var time = 0; time < Times; time++)
        {
            using var cut = new CancellationTokenSource();
            var first = client.SendAsync(Over2(time), cut.Token);
            await handler.Started.WaitAsync();
            await cut.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

            await handler.AssertReplayedAsync(client.SendAsync(Over2(time)), time);
        }

        Assert.Equal((Times, 0), (handler.Runs, handler.Cancelled));

        static HttpRequestMessage Over2(int key)
        {
            var request = Posts.Post("/charges", $"\"{key}\"");
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            return request;
        }
    }

    [Fact]
    public async Task A_response_that_is_cut_off_is_given_again()
    {
        var runs = 0;
        var content = new string('b', 100_000);
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () =>
        {
            Interlocked.Increment(ref runs);
            return content;
        }).RequireAuthorization().RequireIdempotencyKey(static options => options.OnDuplicate = OnDuplicate.Wait));
        using var client = server.Client();
        var some = new byte[1];
        for (var time = 0; time < Times; time++)
        {
            using (var cut = await SendAsync(server, time, body: "", length: 0))
            {
                Assert.Equal(1, await cut.GetStream().ReadAsync(some));
                Close(cut, time);
            }

            using var retry = await client.PostAsync("/charges", $"\"{time}\"", "");
            Assert.Equal(content, await retry.Content.ReadAsStringAsync());
            Assert.True(retry.IsReplay());
        }

        Assert.Equal(Times, runs);
    }

    [Fact]
    public async Task A_client_that_goes_away_stops_the_handler_where_the_endpoint_says_so()
    {
        var started = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", async (CancellationToken aborted) =>
        {
            using var stop = aborted.Register(stopped.SetResult);
            started.SetResult();
            await stopped.Task;
        }).RequireAuthorization().RequireIdempotencyKey(static options => options.CancelHandler = true));

        using (var cut = await SendAsync(server, 0, body: "", length: 0))
        {
            await started.Task;
            Close(cut, 0);
        }

        await stopped.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Closes the connection, every second time by a reset.</summary>
    private static void Close(TcpClient client, int time) => client.Client.Close(time % 2 == 0 ? 0 : -1);

    private async Task<TcpClient> SendAsync(Server server, int key, string body, int length)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var request = $"POST /charges HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nIdempotency-Key: \"{key}\"\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        output.WriteLine($"{key}: {request.Length} bytes sent");
        return client;
    }

    /// <summary>A handler that ends when the test says so, and counts how often it was asked to stop.</summary>
    private sealed class SlowHandler
    {
        private readonly SemaphoreSlim _finish = new(0);
        private int _runs;

        public SemaphoreSlim Started { get; } = new(0);

        public int Runs => _runs;

        public int Cancelled { get; private set; }

        public Task<Server> StartAsync(HttpProtocols protocols) => Server.StartAsync(
            app => app.MapPost("/charges", RunAsync).RequireAuthorization().RequireIdempotencyKey(static options => options.OnDuplicate = OnDuplicate.Wait),
            protocols: protocols);

        /// <summary>Lets the run end whose client is gone: its retry gets what it returned.</summary>
        public async Task AssertReplayedAsync(Task<HttpResponseMessage> retry, int time)
        {
            _finish.Release();
            using var response = await retry;
            Assert.Equal($"run {time + 1}", await response.Content.ReadAsStringAsync());
            Assert.True(response.IsReplay());
        }

        private async Task<string> RunAsync(CancellationToken aborted)
        {
            var run = Interlocked.Increment(ref _runs);
            Started.Release();
            await _finish.WaitAsync(CancellationToken.None);
            Cancelled += aborted.IsCancellationRequested ? 1 : 0;
            return $"run {run}";
        }
    }
}
