using System.Net;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

public sealed class ControllerTests
{
    [Theory]
    [InlineData("json")]
    [InlineData("file")]
    [InlineData("nothing")]
    [InlineData("moved")]
    [InlineData("invalid")]
    [InlineData("text")]
    public async Task An_action_with_the_attribute_runs_once_and_its_response_is_given_again_byte_for_byte(string result)
    {
        await using var server = await StartAsync<ChargesController>();
        using var client = server.Client();

        using var first = await client.PostAsync($"/mvc/{result}", "\"a\"");
        using var retry = await client.PostAsync($"/mvc/{result}", "\"a\"");

        Assert.NotEqual(HttpStatusCode.NotFound, first.StatusCode);
        Assert.Equal(first.StatusCode, retry.StatusCode);
        Assert.Equal(first.Content.Headers.ContentType, retry.Content.Headers.ContentType);
        Assert.Equal(first.Headers.Location, retry.Headers.Location);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await retry.Content.ReadAsByteArrayAsync());
        Assert.True(retry.IsReplay());
    }

    [Fact]
    public async Task An_action_without_the_attribute_is_not_guarded()
    {
        await using var server = await StartAsync<ChargesController>();
        using var client = server.Client();

        using var first = await client.PostAsync("/mvc/unguarded", "\"a\"");
        using var second = await client.PostAsync("/mvc/unguarded", "\"a\"");

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.False(second.IsReplay());
    }

    [Fact]
    public async Task A_named_policy_is_the_one_of_this_name()
    {
        await using var server = await StartAsync<ChargesController>(services => services.Configure<IdempotencyKeyOptions>("bare", options => options.AcceptsBareKeys = true));
        using var client = server.Client();

        using var bare = await client.PostAsync("/mvc/named", "abc");
        using var other = await client.PostAsync("/mvc/json", "abc");

        Assert.Equal(HttpStatusCode.OK, bare.StatusCode);
        await other.AssertProblemAsync(400, IdempotencyProblems.KeyInvalid);
    }

    [Fact]
    public async Task An_exception_goes_on_to_the_application_and_frees_the_key()
    {
        await using var server = await StartAsync<ChargesController>();
        using var client = server.Client();

        using var first = await client.PostAsync("/mvc/fails-once", "\"a\"");
        using var retry = await client.PostAsync("/mvc/fails-once", "\"a\"");

        Assert.Equal(HttpStatusCode.InternalServerError, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, retry.StatusCode);
    }

    [Fact]
    public async Task An_exception_filter_of_mvc_makes_the_response_that_is_kept()
    {
        await using var server = await StartAsync<ChargesController>();
        using var client = server.Client();

        using var first = await client.PostAsync("/mvc/filtered", "\"a\"");
        using var retry = await client.PostAsync("/mvc/filtered", "\"a\"");

        Assert.Equal(HttpStatusCode.PaymentRequired, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await retry.Content.ReadAsStringAsync());
        Assert.True(retry.IsReplay());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_filter_that_authorizes_decides_before_anything_is_replayed(bool isGuardedWhereItIsMapped)
    {
        GateAttribute.IsOpen = true;
        await using var server = await StartAsync<GatedController>(map: controllers =>
        {
            if (isGuardedWhereItIsMapped)
            {
                controllers.RequireIdempotencyKey();
            }
        });
        using var client = server.Client();
        var path = isGuardedWhereItIsMapped ? "/gated/mapped" : "/gated/marked";

        using var first = await client.PostAsync(path, "\"a\"");
        GateAttribute.IsOpen = false;
        using var refused = await client.PostAsync(path, "\"a\"");
        GateAttribute.IsOpen = true;
        using var retry = await client.PostAsync(path, "\"a\"");

        Assert.Equal("secret", await first.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.True(retry.IsReplay());
    }

    [Fact]
    public async Task An_attribute_on_the_controller_and_on_its_action_guards_once()
    {
        await using var server = await StartAsync<GatedController>();
        using var client = server.Client();

        using var first = await client.PostAsync("/gated/marked", "\"twice\"");
        using var retry = await client.PostAsync("/gated/marked", "\"twice\"");

        Assert.Equal("secret", await retry.Content.ReadAsStringAsync());
        Assert.True(retry.IsReplay());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_OpenApi_document_describes_the_keys_of_actions(bool isGuardedWhereItIsMapped)
    {
        await using var server = await StartAsync<ChargesController>(
            static services => services.AddOpenApi(),
            controllers =>
            {
                if (isGuardedWhereItIsMapped)
                {
                    controllers.RequireIdempotencyKey();
                }
            },
            static app => app.MapOpenApi());
        using var client = server.Client();

        using var document = System.Text.Json.JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var path = document.RootElement.GetProperty("paths").GetProperty(isGuardedWhereItIsMapped ? "/mvc/unguarded" : "/mvc/json");

        Assert.Contains("Idempotency-Key", path.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Actions_that_share_a_route_by_convention_do_not_share_a_key()
    {
        await using var server = await StartAsync<ByConventionController>(app: app => app.MapControllerRoute("default", "{controller}/{action}"));
        using var client = server.Client();

        using var one = await client.PostAsync("/ByConvention/One", "\"a\"");
        using var two = await client.PostAsync("/ByConvention/Two", "\"a\"");
        using var read = await client.GetAsync(new Uri("/ByConvention/Read", UriKind.Relative));

        Assert.Equal("one", await one.Content.ReadAsStringAsync());
        Assert.Equal("two", await two.Content.ReadAsStringAsync());
        Assert.Equal("read", await read.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task All_controllers_can_be_guarded_at_once_and_none_twice()
    {
        await using var server = await StartAsync<ChargesController>(map: controllers => controllers.RequireIdempotencyKey(options => options.AcceptsBareKeys = true));
        using var client = server.Client();

        using var first = await client.PostAsync("/mvc/unguarded", "abc");
        using var retry = await client.PostAsync("/mvc/unguarded", "abc");
        using var both = await client.PostAsync("/mvc/json", "abc");

        Assert.True(retry.IsReplay());
        Assert.Equal(HttpStatusCode.OK, both.StatusCode);
    }

    [Fact]
    public async Task An_action_that_allows_anonymous_callers_and_has_no_scope_is_an_error_at_start()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync<AnonymousController>());

        Assert.Contains(nameof(AnonymousController.Enlist), failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IdempotencyKeyOptions.Scope), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_that_requires_a_key_and_has_no_guarded_method_is_an_error_at_start()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync<ReplacingController>());

        Assert.Contains("would run unguarded: it takes PUT, and guarded are POST, PATCH", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>By routes that only a request shows the action of.</summary>
    [Theory]
    [InlineData("fallback")]
    [InlineData("dynamic")]
    [InlineData("without endpoints")]
    public async Task An_action_is_guarded_however_it_is_reached(string way)
    {
        await using var server = await StartAsync<FallbackController>(
            services =>
            {
                services.AddSingleton<ToFallback>();
                services.Configure<MvcOptions>(options => options.EnableEndpointRouting = way != "without endpoints");
            },
            app: app =>
            {
                switch (way)
                {
                    case "fallback":
                        app.MapFallbackToController("Anything", "Fallback");
                        break;
                    case "dynamic":
                        app.MapDynamicControllerRoute<ToFallback>("{**path}");
                        break;
                    default:
                        app.UseMvc(routes => routes.MapRoute("all", "{**path}", new { controller = "Fallback", action = "Anything" }));
                        break;
                }
            });
        using var client = server.Client();

        using var first = await client.PostAsync("/wherever", "\"a\"");
        using var retry = await client.PostAsync("/wherever", "\"a\"");
        using var elsewhere = await client.PostAsync("/elsewhere", "\"a\"");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await retry.Content.ReadAsStringAsync());
        Assert.True(retry.IsReplay());
        Assert.Equal(422, (int)elsewhere.StatusCode);
    }

    private static Task<Server> StartAsync<TController>(
        Action<IServiceCollection>? services = null, Action<ControllerActionEndpointConventionBuilder>? map = null, Action<WebApplication>? app = null) => Server.StartAsync(
        application =>
        {
            var controllers = application.MapControllers();
            map?.Invoke(controllers);
            app?.Invoke(application);
        },
        collection =>
        {
            collection.AddControllers().ConfigureApplicationPartManager(static parts =>
            {
                parts.ApplicationParts.Clear();
                parts.FeatureProviders.Clear();
                parts.ApplicationParts.Add(new AssemblyPart(typeof(ControllerTests).Assembly));
                parts.FeatureProviders.Add(new Only<TController>());
            });
            services?.Invoke(collection);
        });

    private sealed class Only<TController> : ControllerFeatureProvider
    {
        protected override bool IsController(System.Reflection.TypeInfo typeInfo) => typeInfo.AsType() == typeof(TController);
    }
}
