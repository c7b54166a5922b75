using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

public sealed class OutgoingCallTests
{
    [Fact]
    public async Task A_retried_endpoint_calls_others_with_the_keys_of_its_first_try()
    {
        var (orders, payments) = (0, 0);
        Uri? self = null;
        await using var server = await Server.StartAsync(
            app =>
            {
                app.MapPost("/orders", async (IHttpClientFactory clients) =>
                {
                    using var client = clients.CreateClient("payments");
                    using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(self!, "/payments")) { Headers = { { "X-User", "shop" } } };
                    using var paid = await client.SendAsync(request);
                    paid.EnsureSuccessStatusCode();
                    return ++orders == 1 ? throw new InvalidOperationException("broken after paying") : await paid.Content.ReadAsStringAsync();
                }).RequireAuthorization().RequireIdempotencyKey();
                app.MapPost("/payments", () => $"payment {++payments}").RequireAuthorization().RequireIdempotencyKey();
            },
            services => services.AddHttpClient("payments").AddIdempotencyKeyPropagation());
        self = server.Address;
        using var client = server.Client();

        using var first = await client.PostAsync("/orders", "\"a\"");
        using var retry = await client.PostAsync("/orders", "\"a\"");
        using var another = await client.PostAsync("/orders", "\"b\"");

        Assert.Equal(HttpStatusCode.InternalServerError, first.StatusCode);
        Assert.Equal("payment 1", await retry.Content.ReadAsStringAsync());
        Assert.Equal("payment 2", await another.Content.ReadAsStringAsync());
    }
}
