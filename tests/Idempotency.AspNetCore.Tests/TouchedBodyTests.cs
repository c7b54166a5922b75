using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

/// <summary>Bodies that middleware has read, parsed or decompressed before their endpoint.</summary>
public sealed class TouchedBodyTests
{
    [Fact]
    public async Task A_body_that_was_decompressed_on_its_way_counts_and_arrives_whole()
    {
        await using var server = await StartAsync(
            async (HttpContext context) =>
            {
                using var received = new MemoryStream();
                await context.Request.Body.CopyToAsync(received);
                return received.Length;
            },
            before: app => app.UseRequestDecompression(),
            services: services => services.AddRequestDecompression());
        using var client = server.Client();

        using var first = await client.SendAsync(Zipped(new string('a', 5000) + "x"));
        using var other = await client.SendAsync(Zipped(new string('a', 5000) + "y"));
        using var small = await client.SendAsync(Zipped("abc", "\"b\""));

        Assert.Equal("5001", await first.Content.ReadAsStringAsync());
        await other.AssertProblemAsync(422, IdempotencyProblems.KeyReused);
        Assert.Equal("3", await small.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task A_form_that_the_middleware_has_read_counts(int length)
    {
        await using var server = await StartAsync(
            async (HttpContext context) => (await context.Request.ReadFormAsync())["amount"].ToString(),
            before: app => app.Use(async (context, next) =>
            {
                await context.Request.ReadFormAsync();
                await next(context);
            }));
        using var client = server.Client();
        var note = new string('n', length);

        using var first = await client.PostAsync("/charges", "\"a\"", $"amount=10&note={note}", "application/x-www-form-urlencoded");
        using var same = await client.PostAsync("/charges", "\"a\"", $"amount=10&note={note}", "application/x-www-form-urlencoded");
        using var other = await client.PostAsync("/charges", "\"a\"", $"amount=99&note={note}", "application/x-www-form-urlencoded");

        Assert.Equal("10", await first.Content.ReadAsStringAsync());
        Assert.True(same.IsReplay());
        await other.AssertProblemAsync(422, IdempotencyProblems.KeyReused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_was_read_before_counts_or_is_refused_and_never_counts_as_empty(bool isBuffered)
    {
        await using var server = await StartAsync(
            () => "done",
            before: app => app.Use(async (context, next) =>
            {
                if (isBuffered)
                {
                    context.Request.EnableBuffering();
                }

                using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
                await reader.ReadToEndAsync();
                await next(context);
            }));
        using var client = server.Client();

        using var first = await client.PostAsync("/charges", "\"a\"", "one");
        using var other = await client.PostAsync("/charges", "\"a\"", "two");

        Assert.Equal(isBuffered ? 200 : 500, (int)first.StatusCode);
        Assert.Equal(isBuffered ? 422 : 500, (int)other.StatusCode);
    }

    private static Task<Server> StartAsync(Delegate handler, Action<WebApplication> before, Action<IServiceCollection>? services = null) => Server.StartAsync(
        app =>
        {
            before(app);
            app.MapPost("/charges", handler).RequireAuthorization().RequireIdempotencyKey();
        },
        services);

    private static HttpRequestMessage Zipped(string body, string key = "\"a\"")
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(body));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, "/charges") { Content = new ByteArrayContent(zipped.ToArray()) };
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return request;
    }
}
