using System.Net.Http.Json;
using Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets.OutgoingCalls;

// The rule cannot see that the client is registered so that it sends keys.
#pragma warning disable IDEM037

#region outgoing-body
public sealed partial class Checkout(IdempotencyGuard guard, HttpClient shop)
{
    [Idempotent(Name = "shop.checkout")]
    public partial Task CheckOutAsync(Guid orderId, CancellationToken cancellationToken = default);

    // Both requests carry a key of their own, and the same one again when the body is run again.
    private async Task CheckOutCoreAsync(Guid orderId, CancellationToken cancellationToken)
    {
        using var charged = await shop.PostAsJsonAsync("charges", new { orderId }, cancellationToken);
        charged.EnsureSuccessStatusCode();
        using var shipped = await shop.PostAsJsonAsync("parcels", new { orderId }, cancellationToken);
        shipped.EnsureSuccessStatusCode();
    }
}
#endregion

public sealed record Refund(string Article, decimal Amount);

public sealed class Refunds(HttpClient shop)
{
    #region outgoing-own-key
    public async Task SendAsync(Refund refund, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "refunds") { Content = JsonContent.Create(refund) };
        if (IdempotencyContext.Current is { } body)
        {
            request.Headers.Add("Idempotency-Key", $"\"{body.ChildKey($"refund of {refund.Article}")}\"");
        }

        using var response = await shop.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
    #endregion
}

internal static class Startup
{
    public static void Register(IServiceCollection services)
    {
        #region outgoing-registration
        services.AddHttpClient<Checkout>(client => client.BaseAddress = new Uri("https://shop.example/"))
            .AddIdempotencyKeyPropagation();
        #endregion
    }

    public static void WithOptions(IServiceCollection services)
    {
        #region outgoing-options
        services.AddHttpClient("bank", client => client.BaseAddress = new Uri("https://bank.example/"))
            .AddIdempotencyKeyPropagation(options =>
            {
                options.HeaderName = "Idempotency-Key"; // the default
                options.Methods.Add(HttpMethod.Put);    // besides POST and PATCH
                options.IsQuoted = false;               // 64 hexadecimal digits; by default they stand in quotes
            });
        #endregion
    }

    public static HttpClient WithoutFactory()
    {
        #region outgoing-handler
        var bank = new HttpClient(new IdempotencyKeyPropagationHandler("bank") { InnerHandler = new SocketsHttpHandler() });
        #endregion

        return bank;
    }
}
