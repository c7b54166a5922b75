using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Idempotency.Http.Tests;

/// <summary>The same over a real connection: what a server gets to read.</summary>
public sealed partial class WireTests
{
    [Theory]
    [InlineData(true, "^\"[0-9a-f]{64}\"$")]
    [InlineData(false, "^[0-9a-f]{64}$")]
    public async Task A_server_reads_the_same_key_from_every_attempt(bool isQuoted, string form)
    {
        await using var server = new LoopbackServer("500 Oops", "200 OK");
        await using var services = Services(options => options.IsQuoted = isQuoted);
        var guard = services.GetRequiredService<IdempotencyGuard>();
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("shop");

        async Task ChargeAsync(IdempotencyContext context)
        {
            using var response = await client.PostAsync(new Uri(server.Address, "charges?currency=eur"), null);
            response.EnsureSuccessStatusCode();
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => guard.RunAsync(Shop.Order, "key", ChargeAsync));
        await guard.RunAsync(Shop.Order, "key", ChargeAsync);

        var heads = await server.HeadsAsync();
        Assert.Equal(2, heads.Count);
        Assert.All(heads, static head => Assert.StartsWith("POST /charges?currency=eur HTTP/1.1\n", head, StringComparison.Ordinal));
        Assert.Matches(form, Assert.Single(heads.Select(KeyIn).Distinct()));
    }

    [Fact]
    public async Task A_redirected_request_keeps_its_key()
    {
        await using var server = new LoopbackServer("307 Temporary Redirect\r\nLocation: /elsewhere", "200 OK");
        await using var services = Services(static _ => { });
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("shop");

        await services.GetRequiredService<IdempotencyGuard>().RunAsync(Shop.Order, "key", _ => client.PostAsync(new Uri(server.Address, "charges"), null));

        var heads = await server.HeadsAsync();
        Assert.StartsWith("POST /elsewhere ", heads[1], StringComparison.Ordinal);
        Assert.NotEmpty(Assert.Single(heads.Select(KeyIn).Distinct()));
    }

    private static ServiceProvider Services(Action<IdempotencyKeyPropagationOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddIdempotency();
        services.AddHttpClient("shop").AddIdempotencyKeyPropagation(configure);
        return services.BuildServiceProvider();
    }

    private static string KeyIn(string head) => Header().Match(head).Groups[1].Value;

    [GeneratedRegex("^Idempotency-Key: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Header();
}
