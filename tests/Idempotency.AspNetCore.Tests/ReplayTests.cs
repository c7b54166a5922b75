using System.Net;
using Idempotency.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Idempotency.AspNetCore.Tests;

/// <summary>What the first caller got is what every later one gets, byte for byte, over a real connection.</summary>
public sealed class ReplayTests
{
    public static TheoryData<string> Results => [.. s_results.Keys];

    /// <summary>Both kinds of store: one keeps the response as an object, the other as bytes.</summary>
    public static TheoryData<string, bool> ResultsInBothKindsOfStore
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var result in s_results.Keys)
            {
                data.Add(result, false);
                data.Add(result, true);
            }

            return data;
        }
    }

    private static readonly Dictionary<string, Delegate> s_results = new()
    {
        ["text"] = () => "done",
        ["json"] = () => new { Amount = 1.50m, Note = "ünï", Now = Stopwatch() },
        ["created"] = () => TypedResults.Created("/charges/1", new { Id = 1, Now = Stopwatch() }),
        ["accepted"] = () => TypedResults.Accepted("/charges/1"),
        ["no content"] = () => TypedResults.NoContent(),
        ["redirect"] = () => TypedResults.Redirect("/elsewhere", permanent: false, preserveMethod: true),
        ["problem"] = () => TypedResults.Problem("declined", statusCode: 402, extensions: new Dictionary<string, object?> { ["now"] = Stopwatch() }),
        ["validation"] = () => TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["amount"] = ["too small"] }),
        ["not found"] = () => TypedResults.NotFound(),
        ["file"] = () => TypedResults.File(new byte[] { 0, 255, 13, 10, 0 }, "application/octet-stream", "räw.bin", entityTag: new("\"v1\"")),
        ["empty"] = () => { },
        ["server error"] = () => TypedResults.Text($"broken {Stopwatch()}", statusCode: 500),
        ["by hand"] = async (HttpContext context) =>
        {
            context.Response.StatusCode = 202;
            context.Response.ContentType = "text/csv; charset=utf-8";
            context.Response.Headers.Location = "/jobs/1";
            context.Response.Headers.Append("Link", "</a>; rel=\"next\"");
            context.Response.Headers.Append("Link", "</b>; rel=\"prev\"");
            await context.Response.StartAsync();
            await context.Response.WriteAsync("a;");
            await context.Response.Body.FlushAsync();
            context.Response.BodyWriter.GetSpan(2)[0] = (byte)'b';
            context.Response.BodyWriter.Advance(1);
        },
    };

    [Theory, MemberData(nameof(ResultsInBothKindsOfStore))]
    public async Task A_replay_is_the_first_response_byte_for_byte(string result, bool isKeptAsBytes)
    {
        await using var server = await StartAsync(s_results[result], isKeptAsBytes);

        var first = await PostAsync(server);
        var retry = await PostAsync(server);

        Assert.DoesNotContain("Idempotent-Replayed", first, StringComparison.Ordinal);
        Assert.Equal(Comparable(first), Comparable(retry.Replace("Idempotent-Replayed: true\r\n", "", StringComparison.Ordinal)));
        Assert.Contains("Idempotent-Replayed: true\r\n", retry, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Results))]
    public async Task A_guarded_response_is_what_the_handler_responds_without_the_guard(string result)
    {
        await using var server = await Server.StartAsync(app =>
        {
            app.MapPost("/guarded", s_results[result]).RequireAuthorization().RequireIdempotencyKey();
            app.MapPost("/bare", s_results[result]);
        });
        using var client = server.Client();

        using var guarded = await client.PostAsync("/guarded", "\"a\"");
        using var bare = await client.PostAsync("/bare", "\"a\"");

        Assert.Equal(bare.StatusCode, guarded.StatusCode);
        Assert.Equal(bare.Content.Headers.ContentType, guarded.Content.Headers.ContentType);
        Assert.Equal(bare.Headers.Location, guarded.Headers.Location);
        Assert.Equal((await bare.Content.ReadAsByteArrayAsync()).Length, (await guarded.Content.ReadAsByteArrayAsync()).Length, tolerance: 3);
    }

    [Fact]
    public async Task Http_2_replays_the_same_bytes()
    {
        await using var server = await Server.StartAsync(
            app => app.MapPost("/charges", () => TypedResults.Created("/charges/1", new { Now = Stopwatch() })).RequireAuthorization().RequireIdempotencyKey(), protocols: HttpProtocols.Http2);
        using var client = server.Client(version: HttpVersion.Version20);
        HttpRequestMessage Request() => new(HttpMethod.Post, "/charges") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Headers = { { "Idempotency-Key", "\"a\"" } } };

        using var first = await client.SendAsync(Request());
        using var retry = await client.SendAsync(Request());

        Assert.Equal(HttpVersion.Version20, retry.Version);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await retry.Content.ReadAsByteArrayAsync());
        Assert.Equal(first.Headers.Location, retry.Headers.Location);
        Assert.True(retry.IsReplay());
    }

    [Fact]
    public async Task Cookies_credentials_and_headers_that_are_not_listed_are_not_given_again()
    {
        await using var server = await StartAsync((HttpContext context) =>
        {
            context.Response.Cookies.Append("session", "secret");
            context.Response.Headers.WWWAuthenticate = "Bearer";
            context.Response.Headers["X-Request"] = "1";
            context.Response.Headers.ETag = "\"v1\"";
            return "done";
        });

        var first = await PostAsync(server);
        var retry = await PostAsync(server);

        Assert.Contains("Set-Cookie: session=secret", first, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", retry, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", retry, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Request", retry, StringComparison.Ordinal);
        Assert.Contains("ETag: \"v1\"", retry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_handler_wants_done_when_the_response_starts_is_stored_too()
    {
        await using var server = await StartAsync((HttpContext context) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.ETag = "\"late\"";
                return Task.CompletedTask;
            });
            return "done";
        });

        var first = await PostAsync(server);
        var retry = await PostAsync(server);

        Assert.Contains("ETag: \"late\"", first, StringComparison.Ordinal);
        Assert.Contains("ETag: \"late\"", retry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailers_are_refused()
    {
        var supported = true;
        await using var server = await StartAsync((HttpContext context) =>
        {
            supported = context.Response.SupportsTrailers();
            Assert.Throws<InvalidOperationException>(() => context.Response.AppendTrailer("X-Sum", "1"));
            return "done";
        });

        Assert.StartsWith("HTTP/1.1 200", await PostAsync(server), StringComparison.Ordinal);
        Assert.False(supported);
    }

    [Fact]
    public async Task Pages_for_status_codes_are_added_to_first_responses_and_replays_alike()
    {
        await using var server = await Server.StartAsync(app =>
        {
            app.UseStatusCodePages("text/plain", "status {0}");
            app.MapPost("/charges", () => TypedResults.StatusCode(404)).RequireAuthorization().RequireIdempotencyKey();
        });

        var first = await PostAsync(server);
        var retry = await PostAsync(server);

        Assert.EndsWith("status 404", first.TrimEnd('\r', '\n', '0'), StringComparison.Ordinal);
        Assert.Equal(Comparable(first), Comparable(retry.Replace("Idempotent-Replayed: true\r\n", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_replay_says_until_when_its_response_is_kept_where_the_endpoint_says_so()
    {
        await using var server = await Server.StartAsync(app =>
            app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey(options => (options.ExpiryHeaderName, options.Ttl) = ("Idempotency-Expires", TimeSpan.FromHours(1))));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        var expires = Assert.Single(first.Headers.GetValues("Idempotency-Expires"));
        Assert.Equal(expires, Assert.Single(retry.Headers.GetValues("Idempotency-Expires")));
        // The server has the machine's clock here, as in production; the bounds are wide enough for any delay.
        Assert.InRange(DateTimeOffset.Parse(expires, System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));
    }

    private static long Stopwatch() => System.Diagnostics.Stopwatch.GetTimestamp();

    private static Task<Server> StartAsync(Delegate handler, bool isKeptAsBytes = false) => Server.StartAsync(
        app => app.MapPost("/charges", handler).RequireAuthorization().RequireIdempotencyKey(),
        store: idempotency => idempotency.UseStore(_ => new FaultInjectingStore(new MemoryStore()) { KeepsObjects = !isKeptAsBytes }));

    private static Task<string> PostAsync(Server server) => RawHttp.SendAsync(
        server.Address, "POST /charges HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nIdempotency-Key: \"a\"\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");

    /// <summary>The response without the time of day. The headers' order is no part of a response.</summary>
    private static string Comparable(string response)
    {
        var end = response.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = response[..end].Split("\r\n").Where(static line => !line.StartsWith("Date:", StringComparison.Ordinal)).ToList();
        return string.Join("\r\n", lines.Take(1).Concat(lines.Skip(1).Order(StringComparer.Ordinal))) + response[end..];
    }
}
