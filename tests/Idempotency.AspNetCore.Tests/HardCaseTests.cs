using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

/// <summary>Handlers and options that do what one would rather not think of.</summary>
public sealed class HardCaseTests
{
    [Fact]
    public async Task An_exception_handler_that_fails_does_not_free_a_key_that_is_kept()
    {
        var runs = 0;
        await using var server = await StartAsync(
            IResult () => throw new InvalidOperationException($"run {++runs}"), options => options.OnFailure = OnFailure.Lock,
            services: services => services.AddExceptionHandler<Broken>());
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(HttpStatusCode.InternalServerError, first.StatusCode);
        Assert.True(retry.IsReplay());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_judgement_that_fails_does_not_free_the_key_of_a_handler_that_succeeded()
    {
        var runs = 0;
        await using var server = await StartAsync(() => $"run {++runs}", options => options.Fate = _ => throw new InvalidOperationException("no idea"));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal("run 1", await retry.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_call_that_timed_out_is_a_failure_like_any_other_and_kept_under_Lock()
    {
        var runs = 0;
        await using var server = await StartAsync(IResult () => throw new TaskCanceledException($"run {++runs}", new TimeoutException()), options => options.UseStripeProfile());
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.True(retry.IsReplay());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_kept_failure_whose_response_does_not_fit_is_answered_and_used_up()
    {
        var runs = 0;
        await using var server = await StartAsync(IResult () => throw new InvalidOperationException($"run {++runs}"), options => (options.OnFailure, options.MaxResponseBytes) = (OnFailure.Lock, 0));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"").WaitAsync(TimeSpan.FromMinutes(1));
        using var retry = await client.PostAsync("/charges", "\"a\"");

        await first.AssertProblemAsync(500, IdempotencyProblems.RequestFailed);
        await retry.AssertProblemAsync(409, IdempotencyProblems.ResponseNotKept);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_while_it_writes_ends()
    {
        var content = new byte[400_000];
        Random.Shared.NextBytes(content);
        await using var server = await StartAsync((HttpContext context) =>
        {
            using var zip = new ZipArchive(context.Response.BodyWriter.AsStream(), ZipArchiveMode.Create);
            using var entry = zip.CreateEntry("a").Open();
            entry.Write(content);
        });
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"").WaitAsync(TimeSpan.FromMinutes(1));
        using var retry = await client.PostAsync("/charges", "\"a\"");

        using var zip = new ZipArchive(await first.Content.ReadAsStreamAsync());
        Assert.Equal(content.Length, zip.GetEntry("a")!.Length);
        await retry.AssertProblemAsync(409, IdempotencyProblems.ResponseNotKept);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_started_lets_its_handler_end()
    {
        var ended = new TaskCompletionSource();
        await using var server = await StartAsync(async (HttpContext context) =>
        {
            try
            {
                context.Response.ContentLength = 1;
                await context.Response.Body.WriteAsync(new byte[300_000]); // more than is held back
                while (true)
                {
                    await Task.Yield(); // the guard looks at it when the handler has given its thread back, however soon that is
                    await context.Response.Body.WriteAsync(new byte[1]);
                }
            }
            finally
            {
                ended.SetResult();
            }
        });
        using var client = server.Client();

        await Assert.ThrowsAnyAsync<HttpRequestException>(
            async () => (await client.PostAsync("/charges", "\"a\"").WaitAsync(TimeSpan.FromMinutes(1))).EnsureSuccessStatusCode());

        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_old_way_to_the_body_leads_to_what_is_held_back_too()
    {
        await using var server = await StartAsync(async (HttpContext context) =>
#pragma warning disable CS0618 // the old way
            await context.Features.GetRequiredFeature<IHttpResponseFeature>().Body.WriteAsync("direct"u8.ToArray()));
#pragma warning restore CS0618
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal("direct", await first.Content.ReadAsStringAsync());
        Assert.Equal("direct", await retry.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_response_that_was_cleared_is_cleared()
    {
        await using var server = await StartAsync(async (HttpContext context) =>
        {
            await context.Response.WriteAsync("partial");
            context.Response.Clear();
            context.Response.StatusCode = 402;
            await context.Response.WriteAsync("declined");
        });
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal("declined", await first.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_request_that_cannot_be_bound_is_no_failure_that_is_kept()
    {
        var runs = 0;
        await using var server = await StartAsync(
            (Amount amount) => $"{++runs} {amount.Value}", options => options.OnFailure = OnFailure.Lock,
            services: services => services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(options => options.ThrowOnBadRequest = true));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"", "{\"value\":");
        using var retry = await client.PostAsync("/charges", "\"a\"", "{\"value\":");

        Assert.Equal(HttpStatusCode.BadRequest, first.StatusCode);
        Assert.False(retry.IsReplay());
    }

    [Fact]
    public async Task A_scope_that_is_made_of_nothing_is_no_scope()
    {
        await using var server = await StartAsync(() => "done", options => options.Scope = context => new IdempotencyScope("ann", context.Request.Headers["X-Tenant"]));
        using var client = server.Client();
        using var request = Posts.Post("/charges", "\"a\"");
        request.Headers.TryAddWithoutValidation("X-Tenant", "");

        using var response = await client.SendAsync(request);

        await response.AssertProblemAsync(400, IdempotencyProblems.CallerUnknown);
    }

    [Fact]
    public async Task Only_a_response_that_is_kept_says_until_when()
    {
        await using var server = await StartAsync(() => Results.StatusCode(429), options => options.ExpiryHeaderName = "Idempotency-Expires");
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", "\"a\"");

        Assert.False(response.Headers.Contains("Idempotency-Expires"));
    }

    [Fact]
    public async Task What_others_have_set_on_a_response_is_still_there_when_its_handler_fails()
    {
        await using var server = await Server.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                context.Response.Headers["X-Correlation"] = "1";
                return next(context);
            });
            app.MapPost("/charges", IResult (HttpContext context) =>
            {
                context.Response.Headers["X-Partial"] = "1";
                context.Response.StatusCode = 201;
                throw new InvalidOperationException("broken");
            }).RequireAuthorization().RequireIdempotencyKey(options => options.OnFailure = OnFailure.Lock);
        });
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");

        await first.AssertProblemAsync(500, IdempotencyProblems.RequestFailed);
        Assert.True(first.Headers.Contains("X-Correlation"));
        Assert.False(first.Headers.Contains("X-Partial"));
    }

    [Fact]
    public async Task The_attribute_of_controllers_on_another_endpoint_is_an_error_at_start()
    {
        await using var app = Server.Build(app => app.MapPost("/charges", [RequireIdempotencyKey, Authorize] () => "done"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Contains("RequireIdempotencyKey()", failure.Message, StringComparison.Ordinal);
    }

    private static Task<Server> StartAsync(
        Delegate handler, Action<IdempotencyKeyOptions>? configure = null, Action<IServiceCollection>? services = null) =>
        Server.StartAsync(
            app => app.MapPost("/charges", handler).RequireAuthorization().RequireIdempotencyKey(configure),
            services);

    private sealed record Amount(int Value);

    private sealed class Broken : IExceptionHandler
    {
        public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("broken too");
    }
}
