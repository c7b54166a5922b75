using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.Http.Tests;

/// <summary>A guard on a memory store, and a client whose server is a <see cref="Recorder"/>.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public static readonly IdempotentOperation<NoResult> Order = new("shop.order");
    public static readonly IdempotentOperation<NoResult> Ship = new("shop.ship");

    private readonly ServiceProvider _services;

    public Shop(Action<IHttpClientBuilder>? configure = null, Action<IdempotencyOptions>? options = null, Recorder? server = null)
    {
        Server = server ?? new Recorder();
        var services = new ServiceCollection();
        services.AddIdempotency(options);
        var client = services.AddHttpClient("shop", static client => client.BaseAddress = new Uri("https://shop.example/"))
            .ConfigurePrimaryHttpMessageHandler(() => Server);
        (configure ?? (static builder => builder.AddIdempotencyKeyPropagation()))(client);
        _services = services.BuildServiceProvider();
        Guard = _services.GetRequiredService<IdempotencyGuard>();
        Client = _services.GetRequiredService<IHttpClientFactory>().CreateClient("shop");
    }

    public Recorder Server { get; }

    public IdempotencyGuard Guard { get; }

    public HttpClient Client { get; }

    /// <summary>Runs a body, which fails at its end as often as is said, and then again.</summary>
    public async Task OrderAsync(Func<IdempotencyContext, Task> body, int failures = 0, string key = "key")
    {
        for (var attempt = 0; attempt <= failures; attempt++)
        {
            try
            {
                await Guard.RunAsync(Order, key, async context =>
                {
                    await body(context);
                    if (attempt < failures)
                    {
                        throw new FormatException();
                    }
                });
            }
            catch (FormatException)
            {
                // The one just thrown; the next attempt follows.
            }
        }
    }

    public Task PostAsync(string uri, string? content = null) => SendAsync(new HttpRequestMessage(HttpMethod.Post, uri) { Content = content is null ? null : new StringContent(content) });

    public async Task SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
