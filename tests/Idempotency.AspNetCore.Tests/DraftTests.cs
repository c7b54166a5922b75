using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Tests;

/// <summary>The rules of draft-ietf-httpapi-idempotency-key-header-07, one test each.</summary>
public sealed class DraftTests
{
    [Fact]
    public async Task A_completed_request_is_answered_with_its_first_response_again()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => Results.Created("/charges/1", new { run = ++runs })).RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, retry.StatusCode);
        Assert.Equal("{\"run\":1}", await first.Content.ReadAsStringAsync());
        Assert.Equal("{\"run\":1}", await retry.Content.ReadAsStringAsync());
        Assert.Equal("/charges/1", retry.Headers.Location?.OriginalString);
        Assert.False(first.IsReplay());
        Assert.True(retry.IsReplay());
        Assert.Equal(1, runs);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("\"abc")]
    [InlineData("abc\"")]
    [InlineData("\"a\"b")]
    [InlineData("\"a\", \"b\"")]
    [InlineData("\"a\";")]
    [InlineData("\"a\";A=1")]
    [InlineData("\"a\";r=%\"%c3\"")]
    [InlineData("\"a\";r=%\"%C3%BC\"")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"\"")]
    [InlineData("42")]
    [InlineData("?1")]
    [InlineData(":YWJj:")]
    [InlineData("(\"a\")")]
    [InlineData("")]
    public async Task A_header_that_is_not_a_string_item_is_refused(string header)
    {
        await using var server = await Server.StartAsync(MapNever);
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", header);

        await response.AssertProblemAsync(400, IdempotencyProblems.KeyInvalid);
    }

    [Theory]
    [InlineData("  \"a b\"  ", "\"a b\"")]
    [InlineData("\"a\\\"b\\\\\"", "\"a\\\"b\\\\\";p")]
    [InlineData("\"a\"", "\"a\";x=1;y=\"z\";w=?0;v=:YQ==:;u=@12;t=*tok;s=1.5;r=%\"%c3%bc\"")]
    public async Task Headers_that_say_the_same_string_are_one_key(string one, string other)
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => ++runs).RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", one);
        using var second = await client.PostAsync("/charges", other);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.True(second.IsReplay());
    }

    [Fact]
    public async Task Several_lines_are_refused()
    {
        await using var server = await Server.StartAsync(MapNever);
        var answer = await RawHttp.SendAsync(server.Address, "POST /charges HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nIdempotency-Key: \"a\"\r\nIdempotency-Key: \"a\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains(IdempotencyProblems.KeyInvalid, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_255_characters_is_accepted_and_a_longer_one_refused()
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var accepted = await client.PostAsync("/charges", $"\"{new string('k', 255)}\"");
        using var refused = await client.PostAsync("/charges", $"\"{new string('k', 256)}\"");

        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        await refused.AssertProblemAsync(400, IdempotencyProblems.KeyInvalid);
    }

    [Fact]
    public async Task A_bare_key_and_a_quoted_one_are_the_same_where_bare_keys_are_accepted()
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey(o => o.AcceptsBareKeys = true));
        using var client = server.Client();

        using var quoted = await client.PostAsync("/charges", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"");
        using var bare = await client.PostAsync("/charges", "8e03978e-40d5-43dd-bc93-6894a57f9324");
        using var broken = await client.PostAsync("/charges", "\"8e03978e");
        using var list = await client.PostAsync("/charges", "a, b");

        Assert.True(bare.IsReplay());
        await broken.AssertProblemAsync(400, IdempotencyProblems.KeyInvalid);
        await list.AssertProblemAsync(400, IdempotencyProblems.KeyInvalid);
    }

    [Fact]
    public async Task A_request_without_a_key_is_refused_where_one_is_required()
    {
        await using var server = await Server.StartAsync(MapNever);
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", key: null);

        await response.AssertProblemAsync(400, IdempotencyProblems.KeyMissing);
    }

    [Fact]
    public async Task A_request_without_a_key_runs_where_none_is_required()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => ++runs).RequireAuthorization().RequireIdempotencyKey(o => o.IsRequired = false));
        using var client = server.Client();

        using var one = await client.PostAsync("/charges", key: null);
        using var two = await client.PostAsync("/charges", key: null);

        Assert.Equal(2, runs);
    }

    [Theory]
    [InlineData("POST", true)]
    [InlineData("PATCH", true)]
    [InlineData("PUT", false)]
    [InlineData("DELETE", false)]
    [InlineData("GET", false)]
    public async Task Post_and_patch_are_guarded_and_idempotent_methods_are_not(string method, bool isGuarded)
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapMethods("/charges", ["POST", "PATCH", "PUT", "DELETE", "GET"], () => ++runs).RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var one = await client.SendAsync(Posts.Post("/charges", "\"a\"", method: new HttpMethod(method)));
        using var two = await client.SendAsync(Posts.Post("/charges", "\"a\"", method: new HttpMethod(method)));

        Assert.Equal(isGuarded ? 1 : 2, runs);
    }

    [Fact]
    public async Task A_key_that_was_used_with_another_payload_is_refused()
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();
        using var first = await client.PostAsync("/charges", "\"a\"", "{\"amount\":1}");

        using var other = await client.PostAsync("/charges", "\"a\"", "{\"amount\":2}");

        await other.AssertProblemAsync(422, IdempotencyProblems.KeyReused);
    }

    [Fact]
    public async Task While_the_first_request_runs_another_is_a_conflict_and_another_payload_is_refused_as_ever()
    {
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", async () =>
        {
            started.SetResult();
            await finish.Task;
            return "done";
        }).RequireAuthorization().RequireIdempotencyKey(o => o.Lease = TimeSpan.FromSeconds(20)));
        using var client = server.Client();
        var first = client.PostAsync("/charges", "\"a\"", "{\"amount\":1}");
        await started.Task;

        using var same = await client.PostAsync("/charges", "\"a\"", "{\"amount\":1}");
        using var other = await client.PostAsync("/charges", "\"a\"", "{\"amount\":2}");

        await same.AssertProblemAsync(409, IdempotencyProblems.InProgress);
        Assert.InRange(same.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        await other.AssertProblemAsync(422, IdempotencyProblems.KeyReused);
        finish.SetResult();
        using var response = await first;
        Assert.Equal("done", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_duplicate_waits_for_the_first_response_where_the_endpoint_says_so()
    {
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", async () =>
        {
            runs++;
            started.SetResult();
            await finish.Task;
            return "done";
        }).RequireAuthorization().RequireIdempotencyKey(o => o.OnDuplicate = OnDuplicate.Wait));
        using var client = server.Client();
        var first = client.PostAsync("/charges", "\"a\"");
        await started.Task;
        var second = client.PostAsync("/charges", "\"a\"");

        finish.SetResult();

        using var one = await first;
        using var two = await second;
        Assert.Equal("done", await two.Content.ReadAsStringAsync());
        Assert.True(two.IsReplay());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task An_error_is_given_again_like_any_response()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => Results.Problem($"declined {++runs}", statusCode: 402)).RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"");
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(HttpStatusCode.PaymentRequired, retry.StatusCode);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await retry.Content.ReadAsByteArrayAsync());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Two_hundred_fifty_six_requests_with_one_key_have_one_effect()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", async () =>
        {
            await Task.Yield();
            return Interlocked.Increment(ref runs);
        }).RequireAuthorization().RequireIdempotencyKey(o => o.OnDuplicate = OnDuplicate.Wait));
        using var client = server.Client();

        var responses = await Task.WhenAll(Enumerable.Range(0, 256).Select(_ => client.PostAsync("/charges", "\"a\"")));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(255, responses.Count(response => response.IsReplay()));
        Assert.Equal(1, runs);
    }

    private static void MapNever(WebApplication app) =>
        app.MapPost("/charges", IResult () => throw new InvalidOperationException("This must not run.")).RequireAuthorization().RequireIdempotencyKey();
}
