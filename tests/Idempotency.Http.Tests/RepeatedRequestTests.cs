using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Idempotency.Http.Tests;

/// <summary>One call that goes over the wire more than once is still one call.</summary>
public sealed class RepeatedRequestTests
{
    /// <summary>Whether the other handler is added before the keys are asked for, or after.</summary>
    public static TheoryData<bool> Orders => [true, false];

    [Theory, MemberData(nameof(Orders))]
    public async Task A_handler_that_retries_repeats_the_key(bool isAddedFirst)
    {
        await using var shop = With(static () => new Retrying(), isAddedFirst);
        shop.Server.Answer = static number => Task.FromResult(number == 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK);
        await shop.OrderAsync(async _ =>
        {
            await shop.PostAsync("charges");
            await shop.PostAsync("charges");
        });

        var keys = shop.Server.Keys;
        Assert.Equal(3, keys.Count);
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[1], keys[2]);
        Assert.DoesNotContain(null, keys);
    }

    [Theory, MemberData(nameof(Orders))]
    public async Task A_handler_that_hedges_with_copies_sends_them_under_one_key(bool isAddedFirst)
    {
        await using var shop = With(static () => new Hedging(), isAddedFirst);
        await shop.OrderAsync(async _ =>
        {
            await shop.PostAsync("charges", "body");
            await shop.PostAsync("charges", "body");
        });

        var keys = shop.Server.Keys;
        Assert.Equal(4, keys.Count);
        Assert.Equal(2, keys.Distinct().Count());
        Assert.All(keys.GroupBy(static key => key), static copies => Assert.Equal(2, copies.Count()));
        Assert.DoesNotContain(null, keys);
    }

    [Theory, MemberData(nameof(Orders))]
    public async Task A_handler_that_finds_another_machine_every_time_does_not_change_the_key(bool isAddedFirst)
    {
        var machine = 0;
        await using var shop = With(() => new Rerouting(() => $"10.0.0.{++machine}"), isAddedFirst);
        await shop.OrderAsync(_ => shop.PostAsync("charges"), failures: 1);

        Assert.Equal(["POST https://10.0.0.1/charges", "POST https://10.0.0.2/charges"], shop.Server.Sent.Select(static sent => sent.Request));
        Assert.NotNull(Assert.Single(shop.Server.Keys.Distinct()));
    }

    [Fact]
    public async Task A_message_that_comes_by_again_keeps_its_key_and_uses_up_no_other()
    {
        await using var shop = new Shop();
        using var client = new HttpMessageInvoker(
            new Retrying { InnerHandler = new IdempotencyKeyPropagationHandler("hand") { InnerHandler = shop.Server } }, disposeHandler: false);
        shop.Server.Answer = static number => Task.FromResult(number == 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK);
        var expected = new List<string>();
        await shop.OrderAsync(async context =>
        {
            using var first = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "https://shop.example/charges"), default);
            using var second = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "https://shop.example/charges"), default);
            int[] ordinals = [1, 1, 2];
            expected.AddRange(ordinals.Select(ordinal => $"\"{context.ChildKey($"Idempotency.Http/1 {ordinal} POST 4:hand https://shop.example:443/charges")}\""));
        });

        Assert.Equal(expected, shop.Server.Keys);
    }

    [Fact]
    public async Task A_message_that_another_intent_has_sent_gets_a_key_of_its_own()
    {
        await using var shop = new Shop();
        using var client = new HttpMessageInvoker(new IdempotencyKeyPropagationHandler { InnerHandler = shop.Server }, disposeHandler: false);
        var kept = new HttpRequestMessage(HttpMethod.Post, "https://shop.example/charges");
        foreach (var key in new[] { "one", "two" })
        {
            await shop.OrderAsync(_ => client.SendAsync(kept, default), key: key);
        }

        Assert.Equal(2, shop.Server.Keys.Distinct().Count());
        Assert.All(shop.Server.Keys, static key => Assert.Matches("^\"[0-9a-f]{64}\"$", key));
    }

    [Fact]
    public async Task A_message_that_an_earlier_attempt_has_sent_is_counted_in_the_present_one()
    {
        await using var shop = new Shop();
        using var client = new HttpMessageInvoker(new IdempotencyKeyPropagationHandler { InnerHandler = shop.Server }, disposeHandler: false);
        var kept = new HttpRequestMessage(HttpMethod.Post, "https://shop.example/charges");
        await shop.OrderAsync(
            async _ =>
            {
                using var first = await client.SendAsync(kept, default);
                using var second = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "https://shop.example/charges"), default);
            },
            failures: 1);

        var keys = shop.Server.Keys;
        Assert.Equal(keys.Take(2), keys.Skip(2));
        Assert.Equal(2, keys.Distinct().Count());
    }

    [Fact]
    public async Task A_handler_that_a_factory_has_replaced_is_counted_on_from()
    {
        await using var shop = new Shop();
        await shop.OrderAsync(async _ =>
        {
            for (var handler = 0; handler < 2; handler++)
            {
                using var client = new HttpMessageInvoker(new IdempotencyKeyPropagationHandler("shop") { InnerHandler = shop.Server }, disposeHandler: false);
                using var response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "https://shop.example/charges"), default);
            }
        });

        Assert.Equal(2, shop.Server.Keys.Distinct().Count());
    }

    private static Shop With(Func<DelegatingHandler> handler, bool isAddedFirst) => new(client => _ = isAddedFirst
        ? client.AddHttpMessageHandler(handler).AddIdempotencyKeyPropagation()
        : client.AddIdempotencyKeyPropagation().AddHttpMessageHandler(handler));

    /// <summary>Sends a message that failed once more, as the standard resilience handler does.</summary>
    private sealed class Retrying : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? response : await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Sends a message and a copy, taken before it is sent, at the same time, as the standard hedging handler may.</summary>
    private sealed class Hedging : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content };
            foreach (var (name, values) in request.Headers)
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }

            foreach (var (name, value) in request.Options)
            {
                copy.Options.TryAdd(name, value);
            }

            var answers = await Task.WhenAll(base.SendAsync(request, cancellationToken), base.SendAsync(copy, cancellationToken));
            return answers[0];
        }
    }

    /// <summary>Sends to the machine that is found for a name, as service discovery does.</summary>
    private sealed class Rerouting(Func<string> find) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Host = find() }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
