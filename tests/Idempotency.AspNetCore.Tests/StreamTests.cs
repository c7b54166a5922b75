using System.Net;
using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Tests;

/// <summary>Responses that are not kept: they are too large, or are read while they are written.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_that_is_too_large_is_sent_once_and_never_made_again(bool isSynchronous)
    {
        var runs = 0;
        var large = new byte[300_000];
        Random.Shared.NextBytes(large);
        await using var server = await StartAsync(async (HttpContext context) =>
        {
            runs++;
            context.Response.StatusCode = 201;
            if (isSynchronous)
            {
                context.Response.Body.Write(large);
                return;
            }

            await context.Response.Body.WriteAsync(large.AsMemory(0, 150_000));
            await context.Response.Body.WriteAsync(large.AsMemory(150_000));
        });
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(large, await first.Content.ReadAsByteArrayAsync());
        await retry.AssertProblemAsync(409, IdempotencyProblems.ResponseNotKept);
        Assert.Equal(1, runs);
    }

    [Theory]
    [InlineData(ResponseFate.Free)]
    [InlineData(ResponseFate.LeaveInDoubt)]
    public async Task A_large_response_is_sent_whatever_becomes_of_its_key(ResponseFate fate)
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", async (HttpContext context) =>
        {
            runs++;
            await context.Response.Body.WriteAsync(new byte[300_000]);
        }).RequireAuthorization().RequireIdempotencyKey(options => (options.Fate, options.OnCrash) = (_ => fate, OnCrash.Hold)));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(300_000, (await first.Content.ReadAsByteArrayAsync()).Length);
        if (fate == ResponseFate.Free)
        {
            Assert.Equal(300_000, (await retry.Content.ReadAsByteArrayAsync()).Length);
            Assert.Equal(2, runs);
        }
        else
        {
            await retry.AssertProblemAsync(409, IdempotencyProblems.InDoubt);
            Assert.Equal(1, runs);
        }
    }

    [Fact]
    public async Task A_stream_reaches_its_client_as_it_is_written_and_is_never_made_again()
    {
        var runs = 0;
        var goOn = new TaskCompletionSource();
        await using var server = await StartAsync(() =>
        {
            runs++;
            return TypedResults.ServerSentEvents(Events(goOn.Task));
        });
        using var client = server.Client();

        using var first = await client.SendAsync(Posts.Post("/charges", "\"a\""), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await first.Content.ReadAsStreamAsync();
        var events = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("one", events.Current.Data);

        using var retry = await client.PostAsync("/charges", "\"a\"");
        await retry.AssertProblemAsync(409, IdempotencyProblems.ResponseNotKept);

        goOn.SetResult();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("two", events.Current.Data);
        Assert.False(await events.MoveNextAsync());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task An_endless_stream_ends_when_its_client_goes_away()
    {
        var ended = new TaskCompletionSource();
        await using var server = await StartAsync(async (HttpContext context, CancellationToken aborted) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: one\n\n", CancellationToken.None);
            await context.Response.Body.FlushAsync(CancellationToken.None);
            aborted.Register(ended.SetResult);
            await ended.Task;
        });
        using (var client = server.Client())
        {
            using var response = await client.SendAsync(Posts.Post("/charges", "\"a\""), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static async IAsyncEnumerable<string> Events(Task goOn)
    {
        yield return "one";
        await goOn;
        yield return "two";
    }

    private static Task<Server> StartAsync(Delegate handler) =>
        Server.StartAsync(app => app.MapPost("/charges", handler).RequireAuthorization().RequireIdempotencyKey());
}
