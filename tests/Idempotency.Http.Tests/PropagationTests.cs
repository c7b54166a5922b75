using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Idempotency.Http.Tests;

/// <summary>Which requests carry a key, and which key.</summary>
public sealed class PropagationTests
{
    [Fact]
    public async Task Every_attempt_of_an_intent_sends_the_same_keys()
    {
        await using var shop = new Shop();
        await shop.OrderAsync(
            async _ =>
            {
                await shop.PostAsync("charges");
                await shop.PostAsync("parcels");
                await shop.PostAsync("charges");
            },
            failures: 1);

        var keys = shop.Server.Keys;
        Assert.Equal(6, keys.Count);
        Assert.Equal(keys.Take(3), keys.Skip(3));
        Assert.Equal(3, keys.Distinct().Count());
        Assert.All(keys, static key => Assert.Matches("^\"[0-9a-f]{64}\"$", key));
    }

    [Fact]
    public async Task The_key_is_the_child_key_of_a_step_that_never_changes()
    {
        await using var shop = new Shop();
        var expected = new List<string>();
        await shop.OrderAsync(async context =>
        {
            await shop.PostAsync("charges?currency=eur#top");
            await shop.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "http://user:password@xn--bcher-kva.example:8080/a%20b"));
            await shop.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "http://bücher.example:8080/a b"));
            expected.Add(context.ChildKey("Idempotency.Http/1 1 POST 4:shop https://shop.example:443/charges?currency=eur"));
            expected.Add(context.ChildKey("Idempotency.Http/1 1 PATCH 4:shop http://xn--bcher-kva.example:8080/a%20b"));
            expected.Add(context.ChildKey("Idempotency.Http/1 2 PATCH 4:shop http://xn--bcher-kva.example:8080/a%20b"));
        });

        // Whoever changes the text lets what was begun before an update be done twice after it.
        Assert.Equal(expected.Select(static key => $"\"{key}\""), shop.Server.Keys);
    }

    [Fact]
    public async Task Other_intents_send_other_keys()
    {
        await using var shop = new Shop();
        await shop.OrderAsync(_ => shop.PostAsync("charges"), key: "one");
        await shop.OrderAsync(_ => shop.PostAsync("charges"), key: "two");
        await shop.Guard.RunAsync(Shop.Ship, "one", _ => shop.PostAsync("charges"));

        Assert.Equal(3, shop.Server.Keys.Distinct().Count());
    }

    [Fact]
    public async Task A_retry_that_sends_another_content_sends_it_under_the_same_key()
    {
        await using var shop = new Shop();
        var content = 0;
        await shop.OrderAsync(_ => shop.PostAsync("charges", $"{++content}"), failures: 1);

        Assert.Equal(2, content);
        Assert.Single(shop.Server.Keys.Distinct());
    }

    [Fact]
    public async Task No_two_calls_share_a_key_however_their_names_and_addresses_are_put_together()
    {
        var server = new Recorder();
        string[] clients = ["", "a", "1:a", "a POST", "1 POST 1:a", "1", " ", "é", "c", "c https://a:443/"];
        string[] methods = ["POST", "PATCH", "POST1", "1"];
        Uri[] uris =
        [
            new("https://a/"), new("https://a/?"), new("https://a/1"), new("https://a/?1"), new("https://a/%20https://a/"), new("http://a:443/"), new("https://a:4431/"),
            new("https://[::1]/"), new("https://1/"), new("https://b/1"),
            new("https://a/ https://b:443/1", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }), // with a bare space in it
        ];
        var options = new IdempotencyKeyPropagationOptions();
        options.Methods.UnionWith(methods.Select(static method => new HttpMethod(method)));
        await using var shop = new Shop();
        foreach (var client in clients)
        {
            using var invoker = new HttpMessageInvoker(new IdempotencyKeyPropagationHandler(client, options) { InnerHandler = server }, disposeHandler: false);
            foreach (var (method, uri) in methods.SelectMany(method => uris.Select(uri => (method, uri))))
            {
                // Each in an attempt of its own, where nothing else is counted: all that can tell their keys apart is the step.
                await Assert.ThrowsAsync<FormatException>(() => shop.Guard.RunAsync(Shop.Order, "key", async _ =>
                {
                    for (var ordinal = 1; ordinal <= 12; ordinal++)
                    {
                        using var response = await invoker.SendAsync(new HttpRequestMessage(new HttpMethod(method), uri), default);
                    }

                    throw new FormatException();
                }));
            }
        }

        Assert.Equal(clients.Length * methods.Length * uris.Length * 12, server.Keys.Distinct().Count());
    }

    [Fact]
    public async Task Calls_at_the_same_time_to_different_addresses_keep_their_keys_in_whatever_order_they_go()
    {
        await using var shop = new Shop();
        var isReversed = false;
        await shop.OrderAsync(
            async _ =>
            {
                var uris = Enumerable.Range(0, 32).Select(static i => $"items/{i}");
                await Task.WhenAll((isReversed ? uris.Reverse() : uris).Select(uri => Task.Run(async () =>
                {
                    await shop.PostAsync(uri);
                    await shop.PostAsync(uri);
                })));
                isReversed = true;
            },
            failures: 1);

        var byAddress = shop.Server.Sent.GroupBy(static sent => sent.Request, static sent => sent.Key).ToList();
        Assert.Equal(32, byAddress.Count);
        Assert.All(byAddress, static keys => Assert.Equal(keys.Take(2), keys.Skip(2)));
        Assert.Equal(64, shop.Server.Keys.Distinct().Count());
    }

    [Fact]
    public async Task Calls_at_the_same_time_to_one_address_never_share_a_key()
    {
        const int Threads = 8, Calls = 500;
        await using var shop = new Shop();
        using var client = new HttpMessageInvoker(new IdempotencyKeyPropagationHandler { InnerHandler = shop.Server }, disposeHandler: false);
        await shop.OrderAsync(
            _ => Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < Calls; i++)
                {
                    using var response = client.Send(new HttpRequestMessage(HttpMethod.Post, "https://shop.example/items"), default);
                }
            }))),
            failures: 1);

        var keys = shop.Server.Keys;
        Assert.Equal(Threads * Calls, keys.Take(Threads * Calls).Distinct().Count());
        Assert.Equal(keys.Take(Threads * Calls).Order(), keys.Skip(Threads * Calls).Order());
    }

    [Fact]
    public async Task A_nested_body_derives_its_keys_from_its_own()
    {
        await using var shop = new Shop();
        string? before = null, inner = null, after = null;
        await shop.OrderAsync(async outer =>
        {
            before = outer.ChildKey("Idempotency.Http/1 1 POST 4:shop https://shop.example:443/charges");
            after = outer.ChildKey("Idempotency.Http/1 2 POST 4:shop https://shop.example:443/charges");
            await shop.PostAsync("charges");
            await shop.Guard.RunAsync(Shop.Ship, "key", async context =>
            {
                inner = context.ChildKey("Idempotency.Http/1 1 POST 4:shop https://shop.example:443/charges");
                await shop.PostAsync("charges");
            });
            await shop.PostAsync("charges");
        });

        Assert.Equal([$"\"{before}\"", $"\"{inner}\"", $"\"{after}\""], shop.Server.Keys);
    }

    [Fact]
    public async Task Without_a_guarded_body_nothing_is_added()
    {
        await using var shop = new Shop();
        await shop.PostAsync("charges");
        await shop.OrderAsync(static _ => Task.CompletedTask);
        await shop.PostAsync("charges");

        Assert.Equal([null, null], shop.Server.Keys);
    }

    [Fact]
    public async Task What_a_body_left_running_sends_no_key_once_the_body_has_ended()
    {
        await using var shop = new Shop();
        var hasEnded = new TaskCompletionSource();
        Task? left = null;
        await shop.OrderAsync(_ =>
        {
            left = PostLateAsync();
            return Task.CompletedTask;
        });
        hasEnded.SetResult();
        await left!;

        Assert.Equal([null], shop.Server.Keys);

        async Task PostLateAsync()
        {
            await hasEnded.Task;
            await shop.PostAsync("charges");
        }
    }

    [Fact]
    public async Task By_default_only_POST_and_PATCH_carry_a_key()
    {
        await using var shop = new Shop();
        string[] methods = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY", "POST", "PATCH", "post"];
        await shop.OrderAsync(async _ =>
        {
            foreach (var method in methods)
            {
                await shop.SendAsync(new HttpRequestMessage(new HttpMethod(method), "charges"));
            }
        });

        Assert.Equal([false, false, false, false, false, false, false, true, true, true], shop.Server.Keys.Select(static key => key is not null));
    }

    [Fact]
    public async Task Other_methods_can_be_chosen()
    {
        await using var shop = new Shop(static client => client.AddIdempotencyKeyPropagation(static options =>
        {
            options.Methods.Clear();
            options.Methods.Add(HttpMethod.Put);
        }));
        await shop.OrderAsync(async _ =>
        {
            await shop.PostAsync("charges");
            await shop.SendAsync(new HttpRequestMessage(HttpMethod.Put, "charges"));
        });

        Assert.Equal([false, true], shop.Server.Keys.Select(static key => key is not null));
    }

    [Fact]
    public async Task A_header_of_the_caller_is_left_alone_and_uses_up_no_key()
    {
        await using var shop = new Shop();
        string? first = null;
        await shop.OrderAsync(async context =>
        {
            first = context.ChildKey("Idempotency.Http/1 1 POST 4:shop https://shop.example:443/charges");
            await shop.SendAsync(new HttpRequestMessage(HttpMethod.Post, "charges") { Headers = { { "idempotency-key", "mine" } } });
            await shop.PostAsync("charges");
            shop.Client.DefaultRequestHeaders.Add("Idempotency-Key", "everybody's");
            await shop.PostAsync("charges");
        });

        Assert.Equal(["mine", $"\"{first}\"", "everybody's"], shop.Server.Keys);
    }

    [Fact]
    public async Task The_key_can_go_without_quotes_in_a_header_of_another_name()
    {
        await using var shop = new Shop(
            static client => client.AddIdempotencyKeyPropagation(static options => (options.IsQuoted, options.HeaderName) = (false, "X-Request-Token")),
            server: new Recorder { HeaderName = "X-Request-Token" });
        await shop.OrderAsync(_ => shop.PostAsync("charges"));

        Assert.Matches("^[0-9a-f]{64}$", Assert.Single(shop.Server.Keys));
    }

    [Fact]
    public async Task A_synchronous_call_carries_the_same_key()
    {
        await using var shop = new Shop();
        var isSynchronous = false;
        await shop.OrderAsync(
            async _ =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, "charges");
                using var response = isSynchronous ? shop.Client.Send(request) : await shop.Client.SendAsync(request);
                isSynchronous = true;
            },
            failures: 1);

        Assert.Equal(2, shop.Server.Keys.Count);
        Assert.NotNull(Assert.Single(shop.Server.Keys.Distinct()));
    }

    [Fact]
    public async Task Under_a_secret_the_keys_reveal_nothing_that_can_be_guessed()
    {
        byte[]?[] secrets = [null, new byte[32], [.. Enumerable.Repeat((byte)1, 32)]];
        var sent = new List<string?>();
        foreach (var secret in secrets)
        {
            await using var shop = new Shop(options: options => options.KeySecret = secret);
            await shop.OrderAsync(_ => shop.PostAsync("charges"), key: "4111111111111111");
            sent.AddRange(shop.Server.Keys);
        }

        // Who guesses the argument right still cannot tell: without the secret, or with another, it makes other keys.
        Assert.Equal(secrets.Length, sent.Distinct().Count());
        Assert.All(sent, static key => Assert.DoesNotContain("4111", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_failed_on_the_way_does_not_shift_the_keys_of_the_next_attempt()
    {
        await using var shop = new Shop();
        shop.Server.Answer = static number => number == 1 ? throw new HttpRequestException("gone") : Task.FromResult(HttpStatusCode.OK);

        await Assert.ThrowsAsync<HttpRequestException>(() => shop.OrderAsync(_ => shop.PostAsync("charges")));
        await shop.OrderAsync(_ => shop.PostAsync("charges"));

        Assert.NotNull(Assert.Single(shop.Server.Keys.Distinct()));
    }
}
