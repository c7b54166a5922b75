using System.Net;
using System.Text;
using Idempotency.AspNetCore.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Tests;

public sealed class FingerprintTests
{
    [Theory]
    [InlineData("/orders/2/charges?a=1&b=2", "{}", "application/json")]
    [InlineData("/orders/1/charges?a=1", "{}", "application/json")]
    [InlineData("/orders/1/charges?a=1&b=3", "{}", "application/json")]
    [InlineData("/orders/1/charges?a=1&b=2&b=2", "{}", "application/json")]
    [InlineData("/orders/1/charges?a=1%26b=2", "{}", "application/json")]
    [InlineData("/orders/1/charges?a=1&b=2", "{} ", "application/json")]
    [InlineData("/orders/1/charges?a=1&b=2", "", "application/json")]
    [InlineData("/orders/1/charges?a=1&b=2", "{}", "text/plain")]
    [InlineData("/orders/1/Charges?a=1&b=2", "{}", "application/json")]
    public async Task Path_route_values_query_content_type_and_body_all_count(string path, string body, string contentType)
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/orders/{id}/charges", () => "done").RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();
        using var first = await client.PostAsync("/orders/1/charges?a=1&b=2", "\"a\"");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var other = await client.PostAsync(path, "\"a\"", body, contentType);

        await other.AssertProblemAsync(422, IdempotencyProblems.KeyReused);
    }

    [Theory]
    [InlineData("?b=2&a=1&a=3", "?a=1&a=3&b=2", true)]
    [InlineData("?a=1&a=3", "?a=3&a=1", false)]
    [InlineData("?a=b&c=d", "?a=b&a=c&a=d", false)]
    [InlineData("?a=%20", "?a=+", true)]
    [InlineData("?a=", "?a", true)]
    [InlineData("", "?a", false)]
    public async Task The_order_of_parameters_with_different_names_does_not_count(string one, string other, bool isSame)
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey());
        using var client = server.Client();
        using var first = await client.PostAsync("/charges" + one, "\"a\"");

        using var second = await client.PostAsync("/charges" + other, "\"a\"");

        Assert.Equal(isSame ? 200 : 422, (int)second.StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(32_768)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public async Task Every_byte_of_a_body_counts_and_all_of_it_reaches_the_handler(int length)
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/files", async (HttpContext context) =>
        {
            using var received = new MemoryStream();
            await context.Request.Body.CopyToAsync(received);
            return received.Length;
        }).RequireAuthorization().RequireIdempotencyKey(options => options.RequestBytesInMemory = 4096));
        using var client = server.Client();
        var body = new string('a', length - 1);

        using var first = await SendChunkedAsync(client, body + "x");
        using var same = await SendChunkedAsync(client, body + "x");
        using var other = await SendChunkedAsync(client, body + "y");

        Assert.Equal(length.ToString(System.Globalization.CultureInfo.InvariantCulture), await first.Content.ReadAsStringAsync());
        Assert.True(same.IsReplay());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_refused(bool isChunked)
    {
        await using var server = await Server.StartAsync(app =>
            app.MapPost("/files", IResult () => throw new InvalidOperationException("This must not run.")).RequireAuthorization().RequireIdempotencyKey(options => options.MaxRequestBytes = 1000));
        using var client = server.Client();
        var body = new string('a', 1001);

        using var refused = isChunked ? await SendChunkedAsync(client, body) : await client.PostAsync("/files", "\"a\"", body, "text/plain");

        await refused.AssertProblemAsync(413, IdempotencyProblems.BodyTooLarge);
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":[1,2]}", " { \"b\" : [ 1 , 2 ] , \"a\" : 1 } ", true)]
    [InlineData("{\"a\":100}", "{\"a\":1e2}", true)]
    [InlineData("{\"a\":1.50}", "{\"a\":15E-1}", true)]
    [InlineData("{\"a\":-0}", "{\"a\":0.0}", true)]
    [InlineData("{\"a\":\"\\u0041\"}", "{\"a\":\"A\"}", true)]
    [InlineData("{\"a\":9007199254740993}", "{\"a\":9007199254740992}", false)]
    [InlineData("{\"a\":1}", "{\"a\":\"1\"}", false)]
    [InlineData("{\"a\":1}", "{\"a\":-1}", false)]
    [InlineData("{\"a\":[1,2]}", "{\"a\":[2,1]}", false)]
    [InlineData("{\"a\":null}", "{}", false)]
    [InlineData("{\"a\":10}", "{\"a\":1}", false)]
    public async Task Json_is_compared_by_value_where_the_endpoint_says_so(string one, string other, bool isSame)
    {
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", () => "done").RequireAuthorization().RequireIdempotencyKey(options => options.ComparesJsonByValue = true));
        using var client = server.Client();
        using var first = await client.PostAsync("/charges", "\"a\"", one);

        using var second = await client.PostAsync("/charges", "\"a\"", other);

        Assert.Equal(isSame ? 200 : 422, (int)second.StatusCode);
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("{\"a\":")]
    [InlineData("")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public async Task Json_that_cannot_be_compared_is_refused(string body)
    {
        await using var server = await Server.StartAsync(app =>
            app.MapPost("/charges", IResult () => throw new InvalidOperationException("This must not run.")).RequireAuthorization().RequireIdempotencyKey(options => options.ComparesJsonByValue = true));
        using var client = server.Client();

        using var refused = await client.SendAsync(Chunked("/charges", body, "application/json"));

        await refused.AssertProblemAsync(400, IdempotencyProblems.BodyInvalid);
    }

    /// <summary>Beyond a megabyte it costs too much to be taken apart.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_json_is_compared_byte_by_byte(bool isChunked)
    {
        await using var server = await Server.StartAsync(app =>
            app.MapPost("/charges", (long[] numbers) => numbers.Length).RequireAuthorization().RequireIdempotencyKey(options => options.ComparesJsonByValue = true));
        using var client = server.Client();
        var body = $"[{string.Join(',', Enumerable.Repeat(1_000_000_000, 120_000))}]";
        Task<HttpResponseMessage> SendAsync(string json) => isChunked ? client.SendAsync(Chunked("/charges", json, "application/json")) : client.PostAsync("/charges", "\"a\"", json);

        using var first = await SendAsync(body);
        using var same = await SendAsync(body);
        using var other = await SendAsync(body + " ");

        Assert.Equal("120000", await first.Content.ReadAsStringAsync());
        Assert.True(same.IsReplay());
        await other.AssertProblemAsync(422, IdempotencyProblems.KeyReused);
    }

    [Fact]
    public void Json_of_any_depth_is_refused_and_not_recursed_into() =>
        Assert.Throws<RequestBodyException>(() => CanonicalJson.Hash(Encoding.UTF8.GetBytes(new string('[', 100_000))));

    private static Task<HttpResponseMessage> SendChunkedAsync(HttpClient client, string body) => client.SendAsync(Chunked("/files", body, "text/plain"));

    private static HttpRequestMessage Chunked(string path, string body, string contentType)
    {
        var request = Posts.Post(path, "\"a\"", body, contentType);
        request.Headers.TransferEncodingChunked = true;
        return request;
    }
}
