using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

public sealed class ScopeTests
{
    [Fact]
    public async Task Another_user_with_the_same_key_gets_an_execution_of_its_own()
    {
        await using var server = await Server.StartAsync(app =>
            app.MapPost("/charges", (HttpContext context) => context.User.FindFirstValue(ClaimTypes.NameIdentifier)).RequireAuthorization().RequireIdempotencyKey());
        using var ann = server.Client("ann");
        using var bob = server.Client("bob");

        using var hers = await ann.PostAsync("/charges", "\"a\"", "{\"amount\":1}");
        using var his = await bob.PostAsync("/charges", "\"a\"", "{\"amount\":2}");

        Assert.Equal("ann", await hers.Content.ReadAsStringAsync());
        Assert.Equal("bob", await his.Content.ReadAsStringAsync());
        Assert.False(his.IsReplay());
    }

    [Fact]
    public async Task Nobody_can_learn_that_another_uses_a_key()
    {
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        await using var server = await Server.StartAsync(app => app.MapPost("/charges", async (HttpContext context) =>
        {
            if (context.User.HasClaim(ClaimTypes.NameIdentifier, "ann"))
            {
                started.SetResult();
                await finish.Task;
            }

            return "done";
        }).RequireAuthorization().RequireIdempotencyKey());
        using var ann = server.Client("ann");
        using var bob = server.Client("bob");
        var running = ann.PostAsync("/charges", "\"a\"");
        await started.Task;

        using var used = await bob.PostAsync("/charges", "\"a\"");
        using var unused = await bob.PostAsync("/charges", "\"b\"");

        Assert.Equal(HeadersOf(unused), HeadersOf(used));
        Assert.Equal(await unused.Content.ReadAsByteArrayAsync(), await used.Content.ReadAsByteArrayAsync());
        finish.SetResult();
        using var hers = await running;
    }

    [Fact]
    public async Task Tenants_of_one_subject_and_routes_and_methods_do_not_share_a_key()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app =>
        {
            var group = app.MapGroup("").RequireAuthorization().RequireIdempotencyKey(options =>
                options.Scope = context => new IdempotencyScope("someone", context.Request.Headers["X-Tenant"]));
            group.MapMethods("/charges", ["POST", "PATCH"], () => ++runs);
            group.MapPost("/refunds", () => ++runs);
        });
        using var client = server.Client();

        foreach (var (method, path, tenant) in new[] { ("POST", "/charges", "one"), ("POST", "/charges", "two"), ("PATCH", "/charges", "one"), ("POST", "/refunds", "one") })
        {
            using var request = Posts.Post(path, "\"a\"", method: new HttpMethod(method));
            request.Headers.Add("X-Tenant", tenant);
            using var response = await client.SendAsync(request);
            Assert.False(response.IsReplay());
        }

        Assert.Equal(4, runs);
    }

    [Fact]
    public async Task A_role_that_was_taken_away_is_refused_before_anything_is_replayed()
    {
        var isAllowed = true;
        await using var server = await Server.StartAsync(
            app => app.MapPost("/charges", () => "secret").RequireAuthorization("payers").RequireIdempotencyKey(),
            services => services.AddAuthorizationBuilder().AddPolicy("payers", policy => policy.RequireAuthenticatedUser().RequireAssertion(_ => isAllowed)));
        using var client = server.Client();
        using var first = await client.PostAsync("/charges", "\"a\"");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        isAllowed = false;
        using var retry = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(HttpStatusCode.Forbidden, retry.StatusCode);
        Assert.Empty(await retry.Content.ReadAsByteArrayAsync());
    }

    public static TheoryData<string> Anonymous => ["nothing", "allow-anonymous", "assertion", "fallback-allowed"];

    [Theory, MemberData(nameof(Anonymous))]
    public async Task An_endpoint_that_allows_anonymous_callers_and_has_no_scope_is_an_error_at_start(string access)
    {
        await using var app = Server.Build(
            app =>
            {
                var endpoint = app.MapPost("/sign-up", () => "done").RequireIdempotencyKey();
                switch (access)
                {
                    case "allow-anonymous":
                        endpoint.RequireAuthorization().AllowAnonymous();
                        break;
                    case "assertion":
                        endpoint.RequireAuthorization(new AuthorizationPolicyBuilder().RequireAssertion(_ => true).Build());
                        break;
                    case "fallback-allowed":
                        endpoint.AllowAnonymous();
                        break;
                }
            },
            services =>
            {
                if (access == "fallback-allowed")
                {
                    services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
                }
            });

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Contains("/sign-up", failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IdempotencyKeyOptions.Scope), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_anybody_may_read_does_not_need_a_scope()
    {
        await using var server = await Server.StartAsync(app =>
        {
            var group = app.MapGroup("/charges").RequireIdempotencyKey();
            group.MapGet("/", () => "list");
            group.MapPost("/", () => "done").RequireAuthorization();
        });
        using var client = server.Client(user: null);

        Assert.Equal("list", await client.GetStringAsync(new Uri("/charges", UriKind.Relative)));
    }

    [Fact]
    public async Task A_fallback_policy_that_wants_a_user_is_enough()
    {
        await using var server = await Server.StartAsync(
            app => app.MapPost("/charges", () => "done").RequireIdempotencyKey(),
            services => services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", "\"a\"");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_endpoint_for_everybody_says_so()
    {
        var runs = 0;
        await using var server = await Server.StartAsync(app => app.MapPost("/sign-up", () => ++runs).RequireIdempotencyKey(options => options.Scope = _ => IdempotencyScope.Everybody));
        using var one = server.Client(user: null);
        using var other = server.Client("bob");

        using var first = await one.PostAsync("/sign-up", "\"a\"");
        using var second = await other.PostAsync("/sign-up", "\"a\"");

        Assert.True(second.IsReplay());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_request_that_cannot_be_told_from_others_is_refused()
    {
        await using var server = await Server.StartAsync(app =>
            app.MapPost("/charges", IResult () => throw new InvalidOperationException("This must not run.")).RequireIdempotencyKey(options =>
                options.Scope = context => context.Request.Headers["X-Api-Key"] is [{ } client] ? new IdempotencyScope(client) : null));
        using var client = server.Client(user: null);

        using var response = await client.PostAsync("/charges", "\"a\"");

        await response.AssertProblemAsync(400, IdempotencyProblems.CallerUnknown);
    }

    [Fact]
    public void A_user_is_known_by_subject_and_issuer_and_never_by_name()
    {
        static IdempotencyScope? ScopeOf(params Claim[] claims) =>
            IdempotencyScope.OfUser(new DefaultHttpContext { User = new ClaimsPrincipal(new ClaimsIdentity(claims, "test")) });

        var one = ScopeOf(new Claim("sub", "1", null, "issuer-a"));
        Assert.NotNull(one);
        Assert.Equal(one, ScopeOf(new Claim("sub", "1", null, "issuer-a")));
        Assert.NotEqual(one, ScopeOf(new Claim("sub", "1", null, "issuer-b")));
        Assert.NotEqual(ScopeOf(new Claim("sub", "a1", null, "issuer")), ScopeOf(new Claim("sub", "1", null, "issuera")));
        Assert.Null(ScopeOf(new Claim(ClaimTypes.Name, "ann")));
        Assert.Null(IdempotencyScope.OfUser(new DefaultHttpContext { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "1")])) }));
    }

    private static string[] HeadersOf(HttpResponseMessage response) =>
        [.. response.Headers.Concat(response.Content.Headers).Where(static header => header.Key != "Date").Select(static header => $"{header.Key}: {string.Join(", ", header.Value)}").Order()];
}
