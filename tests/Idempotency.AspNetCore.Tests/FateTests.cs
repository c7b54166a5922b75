using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

public sealed class FateTests
{
    [Theory]
    [InlineData(400, true)]
    [InlineData(401, false)]
    [InlineData(403, true)]
    [InlineData(404, true)]
    [InlineData(408, false)]
    [InlineData(409, false)]
    [InlineData(422, true)]
    [InlineData(425, false)]
    [InlineData(429, false)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public async Task A_response_is_kept_unless_its_status_says_that_nothing_was_done(int status, bool isKept)
    {
        var runs = 0;
        await using var server = await StartAsync(() => Results.Text($"run {++runs}", statusCode: status));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal("run 1", await first.Content.ReadAsStringAsync());
        Assert.Equal(isKept, retry.IsReplay());
        Assert.Equal(isKept ? 1 : 2, runs);
    }

    [Fact]
    public async Task An_exception_frees_the_key_and_goes_on_to_the_application()
    {
        var runs = 0;
        await using var server = await StartAsync(() => ++runs == 1 ? throw new InvalidOperationException("broken") : Results.Ok("done"), exceptions: true);
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal((HttpStatusCode)418, first.StatusCode);
        Assert.Equal("broken", await first.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, retry.StatusCode);
    }

    [Fact]
    public async Task A_kept_exception_is_answered_by_the_applications_own_handler_and_given_again()
    {
        var runs = 0;
        await using var server = await StartAsync(
            async (HttpContext context) =>
            {
                runs++;
                context.Response.Headers.ETag = "\"half\"";
                context.Response.BodyWriter.GetSpan(4)[0] = (byte)'x';
                context.Response.BodyWriter.Advance(1); // not sent, and not mixed into what is
                await Task.Yield();
                throw new InvalidOperationException("broken");
            },
            options => options.OnFailure = OnFailure.Lock,
            exceptions: true);
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal((HttpStatusCode)418, first.StatusCode);
        Assert.Equal("broken", await first.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode)418, retry.StatusCode);
        Assert.Equal("broken", await retry.Content.ReadAsStringAsync());
        Assert.False(retry.Headers.Contains("ETag"));
        Assert.True(retry.IsReplay());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task The_endpoint_judges_statuses_and_exceptions_itself()
    {
        var runs = 0;
        await using var server = await StartAsync(
            (string? fail) => fail switch
            {
                null => Results.NotFound(++runs),
                _ => throw new FormatException($"run {++runs}"),
            },
            options => options.Fate = outcome => outcome switch
            {
                { Exception: FormatException } => ResponseFate.Keep,
                { StatusCode: 404 } => ResponseFate.Free,
                _ => null,
            });
        using var client = server.Client();

        using var missing = await client.PostAsync("/charges", "\"a\"");
        using var missingAgain = await client.PostAsync("/charges", "\"a\"");
        using var failed = await client.PostAsync("/charges?fail=1", "\"b\"");
        using var failedAgain = await client.PostAsync("/charges?fail=1", "\"b\"");

        Assert.Equal("1", await missing.Content.ReadAsStringAsync());
        Assert.Equal("2", await missingAgain.Content.ReadAsStringAsync());
        await failed.AssertProblemAsync(500, IdempotencyProblems.RequestFailed);
        Assert.True(failedAgain.IsReplay());
        Assert.Equal(3, runs);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("chosen")]
    [InlineData("timeout")]
    public async Task What_may_have_had_its_effect_stays_in_doubt_under_Hold(string how)
    {
        var runs = 0;
        await using var server = await StartAsync(
            () =>
            {
                runs++;
                return how switch
                {
                    "status" => Results.Text("who knows", statusCode: 502),
                    "chosen" => throw new FormatException(),
                    _ => throw new TimeoutException(),
                };
            },
            options =>
            {
                options.OnCrash = OnCrash.Hold;
                options.Lease = TimeSpan.FromMilliseconds(300);
                options.Fate = outcome => outcome is { StatusCode: 502 } or { Exception: FormatException } ? ResponseFate.LeaveInDoubt : null;
            },
            exceptions: true);
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        HttpResponseMessage retry;
        do
        {
            retry = await client.PostAsync("/charges", "\"a\"");
        }
        while (await retry.ProblemAsync() == IdempotencyProblems.InProgress); // until the lease of the first is over

        Assert.Equal(how == "status" ? 502 : 418, (int)first.StatusCode);
        await retry.AssertProblemAsync(409, IdempotencyProblems.InDoubt);
        Assert.Null(retry.Headers.RetryAfter);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task In_doubt_without_Hold_is_kept_because_freeing_the_key_would_run_the_handler_again()
    {
        await using var server = await StartAsync(() => Results.Text("who knows", statusCode: 502), options => options.Fate = _ => ResponseFate.LeaveInDoubt);
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.True(retry.IsReplay());
    }

    [Fact]
    public async Task A_handler_knows_its_attempt_and_makes_keys_from_it()
    {
        string? key = null, child = null;
        await using var server = await StartAsync((HttpContext context) =>
        {
            var attempt = context.GetIdempotencyContext()!;
            (key, child) = (attempt.Key, attempt.ChildKey("charge"));
            return attempt.Operation;
        });
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal("POST /charges", await response.Content.ReadAsStringAsync());
        Assert.Equal(64, key!.Length);
        Assert.NotEqual(key, child);
    }

    private static Task<Server> StartAsync(Delegate handler, Action<IdempotencyKeyOptions>? configure = null, bool exceptions = false) => Server.StartAsync(
        app =>
        {
            if (exceptions)
            {
                app.UseExceptionHandler(static _ => { });
            }

            app.MapPost("/charges", handler).RequireAuthorization().RequireIdempotencyKey(configure);
        },
        services =>
        {
            if (exceptions)
            {
                services.AddExceptionHandler<Teapot>();
            }
        });

    private sealed class Teapot : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            httpContext.Response.StatusCode = 418;
            await httpContext.Response.WriteAsync(exception.Message, cancellationToken);
            return true;
        }
    }
}
