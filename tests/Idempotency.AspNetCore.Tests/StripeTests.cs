using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Tests;

/// <summary>The rules of Stripe's API, which <see cref="IdempotencyKeyOptions.UseStripeProfile"/> follows, one test each.</summary>
public sealed class StripeTests
{
    [Fact]
    public async Task A_key_comes_without_quotes()
    {
        await using var server = await StartAsync(() => Results.Ok("done"));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "KG5LxwFBepaKHyUD");
        using var retry = await client.PostAsync("/charges", "KG5LxwFBepaKHyUD");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.True(retry.IsReplay());
    }

    [Fact]
    public async Task Other_parameters_under_the_same_key_are_an_error_of_400()
    {
        await using var server = await StartAsync(() => Results.Ok("done"));
        using var client = server.Client();
        using var first = await client.PostAsync("/charges", "a", "{\"amount\":1}");

        using var other = await client.PostAsync("/charges", "a", "{\"amount\":2}");

        await other.AssertProblemAsync(400, IdempotencyProblems.KeyReused);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(402)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Status_and_body_are_kept_once_execution_began(int status)
    {
        var runs = 0;
        await using var server = await StartAsync(() => Results.Json(new { run = ++runs }, statusCode: status));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "a");
        using var retry = await client.PostAsync("/charges", "a");

        Assert.Equal(status, (int)retry.StatusCode);
        Assert.Equal("{\"run\":1}", await retry.Content.ReadAsStringAsync());
        Assert.True(retry.IsReplay());
    }

    [Fact]
    public async Task A_failure_with_500_is_kept_byte_for_byte_when_the_handler_throws()
    {
        var runs = 0;
        await using var server = await StartAsync(IResult () => throw new InvalidOperationException($"run {++runs}"));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "a");
        using var retry = await client.PostAsync("/charges", "a");

        await first.AssertProblemAsync(500, IdempotencyProblems.RequestFailed);
        Assert.Equal(HttpStatusCode.InternalServerError, retry.StatusCode);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await retry.Content.ReadAsByteArrayAsync());
        Assert.True(retry.IsReplay());
        Assert.Equal(1, runs);
        Assert.DoesNotContain("run 1", await first.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(429)]
    public async Task Failed_validation_conflicts_and_refused_callers_are_not_kept(int status)
    {
        var runs = 0;
        await using var server = await StartAsync(() => ++runs == 1 ? Results.Text("not now", statusCode: status) : Results.Ok("done"));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "a");
        using var retry = await client.PostAsync("/charges", "a");

        Assert.Equal(status, (int)first.StatusCode);
        Assert.Equal("not now", await first.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, retry.StatusCode);
        Assert.False(retry.IsReplay());
    }

    private static Task<Server> StartAsync(Func<IResult> handler) =>
        Server.StartAsync(app => app.MapPost("/charges", handler).RequireAuthorization().RequireIdempotencyKey(options => options.UseStripeProfile()));
}
