using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Idempotency.Http.Tests;

/// <summary>How clients are told to send keys, and what is refused.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public void The_builder_is_given_back()
    {
        var builder = new ServiceCollection().AddHttpClient("shop");

        Assert.Same(builder, builder.AddIdempotencyKeyPropagation());
    }

    [Fact]
    public async Task Asking_twice_is_like_asking_once()
    {
        await using var shop = new Shop(static client => client.AddIdempotencyKeyPropagation().AddIdempotencyKeyPropagation());
        string? first = null;
        await shop.OrderAsync(async context =>
        {
            first = context.ChildKey("Idempotency.Http/1 1 POST 4:shop https://shop.example:443/charges");
            await shop.PostAsync("charges");
        });

        Assert.Equal([$"\"{first}\""], shop.Server.Keys);
    }

    [Fact]
    public async Task Only_the_clients_that_were_told_to_send_keys()
    {
        var server = new Recorder();
        await using var services = Services(services =>
        {
            services.AddHttpClient("silent").ConfigurePrimaryHttpMessageHandler(() => server);
            services.AddHttpClient("bare").AddIdempotencyKeyPropagation(static options => options.IsQuoted = false).ConfigurePrimaryHttpMessageHandler(() => server);
            services.AddHttpClient("quoted").AddIdempotencyKeyPropagation().ConfigurePrimaryHttpMessageHandler(() => server);
        });
        await PostFromBodyAsync(services, "silent", "bare", "quoted");

        Assert.Null(server.Keys[0]);
        Assert.Matches("^[0-9a-f]{64}$", server.Keys[1]);
        Assert.Matches("^\"[0-9a-f]{64}\"$", server.Keys[2]);
        Assert.NotEqual(server.Keys[1], server.Keys[2]!.Trim('"')); // the client's name is part of it
    }

    [Fact]
    public async Task All_clients_can_be_told_at_once()
    {
        var server = new Recorder();
        await using var services = Services(services =>
        {
            services.ConfigureHttpClientDefaults(static client => client.AddIdempotencyKeyPropagation(static options => options.IsQuoted = false));
            services.AddHttpClient("one").ConfigurePrimaryHttpMessageHandler(() => server);
            services.AddHttpClient("two").ConfigurePrimaryHttpMessageHandler(() => server);
        });
        await PostFromBodyAsync(services, "one", "two");

        Assert.Equal(2, server.Keys.Distinct().Count());
        Assert.All(server.Keys, static key => Assert.Matches("^[0-9a-f]{64}$", key));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("Idempotency Key")]
    [InlineData("Idempotency-Key:")]
    [InlineData("Ключ")]
    [InlineData("Content-Type")]
    public async Task A_header_that_no_request_can_have_is_refused_when_the_host_starts(string? name)
    {
        using var host = Started(options => options.HeaderName = name!);

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.StartsWith($"IdempotencyKeyPropagationOptions.HeaderName is '{name}'; it must be ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_methods_at_all_are_refused_when_the_host_starts()
    {
        using var host = Started(static options => options.Methods.Clear());

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal("IdempotencyKeyPropagationOptions.Methods is empty; it must hold at least one method.", refused.Message);
    }

    [Fact]
    public async Task What_is_wrong_with_the_defaults_of_all_clients_is_found_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.ConfigureHttpClientDefaults(static client => client.AddIdempotencyKeyPropagation(static options => options.Methods.Clear()));
        using var host = builder.Build();

        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task Without_a_host_the_first_client_is_refused()
    {
        await using var services = Services(static services =>
            services.AddHttpClient("shop").AddIdempotencyKeyPropagation(static options => options.Methods.Add(null!)));

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient("shop"));

        Assert.Equal("IdempotencyKeyPropagationOptions.Methods holds null; it must hold methods, at least one.", refused.Message);
    }

    [Fact]
    public void A_handler_made_by_hand_refuses_nonsense()
    {
        var nameless = Assert.Throws<ArgumentException>(static () => new IdempotencyKeyPropagationHandler("shop", new IdempotencyKeyPropagationOptions { HeaderName = "a b" }));
        Assert.StartsWith("IdempotencyKeyPropagationOptions.HeaderName is 'a b'", nameless.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => new IdempotencyKeyPropagationHandler("half a \ud83d"));
        Assert.Throws<ArgumentNullException>(static () => new IdempotencyKeyPropagationHandler(null!));
    }

    [Fact]
    public async Task A_handler_made_by_hand_is_not_changed_later()
    {
        await using var shop = new Shop();
        var options = new IdempotencyKeyPropagationOptions();
        using var client = new HttpClient(new IdempotencyKeyPropagationHandler("hand", options) { InnerHandler = shop.Server }, disposeHandler: false);
        options.Methods.Clear();
        options.IsQuoted = false;
        await shop.OrderAsync(_ => client.PostAsync(new Uri("https://shop.example/charges"), null));

        Assert.Matches("^\"[0-9a-f]{64}\"$", Assert.Single(shop.Server.Keys));
    }

    [Fact]
    public async Task A_request_without_an_address_is_not_sent_from_a_body_without_a_key()
    {
        await using var shop = new Shop();
        using var client = new HttpMessageInvoker(new IdempotencyKeyPropagationHandler { InnerHandler = shop.Server }, disposeHandler: false);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => shop.OrderAsync(_ => client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "charges"), default)));
        await shop.OrderAsync(_ => client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "charges"), default));
        await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "charges"), default);

        Assert.Contains("POST request of operation 'shop.order' has no absolute URI", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["GET charges", "POST charges"], shop.Server.Sent.Select(static sent => sent.Request));
    }

    private static ServiceProvider Services(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddIdempotency();
        add(services);
        return services.BuildServiceProvider();
    }

    private static IHost Started(Action<IdempotencyKeyPropagationOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHttpClient("shop").AddIdempotencyKeyPropagation(configure);
        return builder.Build();
    }

    private static Task PostFromBodyAsync(ServiceProvider services, params string[] clients) => services.GetRequiredService<IdempotencyGuard>().RunAsync(Shop.Order, "key", async _ =>
    {
        foreach (var client in clients)
        {
            using var response = await services.GetRequiredService<IHttpClientFactory>().CreateClient(client).PostAsync(new Uri("https://shop.example/charges"), null);
        }
    });
}
