using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>Puts the guard around an endpoint's handler.</summary>
internal static class GuardedEndpoint
{
    /// <summary>Guards the endpoint, once, however many groups it is in that say so.</summary>
    public static void Guard(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.Any(static item => item is KeyPolicy) || endpoint.RequestDelegate is not { } handler)
        {
            return;
        }

        if (PolicyOf(endpoint.ApplicationServices, endpoint.Metadata, endpoint.DisplayName, (endpoint as RouteEndpointBuilder)?.RoutePattern) is { } policy)
        {
            endpoint.Metadata.Add(policy);
            if (endpoint.Metadata.Any(static item => item is ActionDescriptor))
            {
                RequireFilters(endpoint.ApplicationServices, policy);
                return; // MVC has the guard among its filters, after those that authorize
            }

            endpoint.RequestDelegate = context => GuardedRequest.RunAsync(context, policy, handler);
        }
    }

    private static void RequireFilters(IServiceProvider services, KeyPolicy policy)
    {
        if (!services.GetServices<IFilterProvider>().Any(static provider => provider is ActionFilterProvider))
        {
            throw new InvalidOperationException(
                $"Endpoint '{policy.Endpoint}' requires an idempotency key, and the filter that asks for it is not registered. Call services.AddIdempotency().");
        }
    }

    /// <summary>The policy of an endpoint, from all that was said about its key; <see langword="null"/> when it is one of several and has no method that is guarded.</summary>
    /// <exception cref="InvalidOperationException">An option is out of its range, nobody was told whom responses belong to, or the one endpoint that it is said of has no guarded method.</exception>
    public static KeyPolicy? PolicyOf(IServiceProvider services, IEnumerable<object> metadata, string? name, RoutePattern? route)
    {
        var said = metadata.OfType<IIdempotencyKeyMetadata>().ToList();
        var options = services.GetRequiredService<IOptionsFactory<IdempotencyKeyOptions>>()
            .Create(said.LastOrDefault(static item => item.Policy is not null)?.Policy ?? Options.DefaultName);
        foreach (var item in said)
        {
            item.Configure(options);
        }

        var policy = new KeyPolicy(options, name ?? route?.RawText ?? "without a name", TemplateOf(route) ?? name ?? "");
        if (metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is { HttpMethods: { Count: > 0 } methods } && !methods.Any(options.Methods.Contains))
        {
            if (said.Any(static item => item.IsOfOneEndpoint) || metadata.OfType<ControllerActionDescriptor>().Any(action => IsMarkedInVain(action, options)))
            {
                throw new InvalidOperationException(
                    $"Endpoint '{policy.Endpoint}' requires an idempotency key, and would run unguarded: it takes {string.Join(", ", methods)}, and guarded are " +
                    $"{string.Join(", ", options.Methods)}. Add its method to {nameof(IdempotencyKeyOptions)}.{nameof(IdempotencyKeyOptions.Methods)}, or do not require a key of it.");
            }

            return null;
        }

        Callers.RequireKnown(services, metadata, policy);
        return policy;
    }

    /// <summary>Whether the action itself has the attribute, and none of its routes a guarded method; each of them is an endpoint of its own.</summary>
    private static bool IsMarkedInVain(ControllerActionDescriptor action, IdempotencyKeyOptions options) =>
        action.MethodInfo.IsDefined(typeof(RequireIdempotencyKeyAttribute), inherit: true)
        && !action.MethodInfo.GetCustomAttributes(inherit: true).OfType<IActionHttpMethodProvider>().Any(route => route.HttpMethods.Any(options.Methods.Contains));

    /// <summary>The route's template. Where actions share one, as by convention they do, with the action's own name.</summary>
    private static string? TemplateOf(RoutePattern? route)
    {
        var required = route?.RequiredValues.Where(value => route.GetParameter(value.Key) is not null && value.Value is string { Length: > 0 })
            .OrderBy(static value => value.Key, StringComparer.Ordinal).Select(static value => $"{value.Key}={value.Value}").ToList();
        return required is { Count: > 0 } ? $"{route!.RawText} ({string.Join(", ", required)})" : route?.RawText;
    }
}
