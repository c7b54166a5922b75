using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
            endpoint.RequestDelegate = context => GuardedRequest.RunAsync(context, policy, handler);
        }
    }

    /// <summary>The policy of an endpoint, from all that was said about its key; <see langword="null"/> when it has no method that is guarded.</summary>
    /// <exception cref="InvalidOperationException">An option is out of its range, or nobody was told whom responses belong to.</exception>
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
            return null;
        }

        Callers.RequireKnown(services, metadata, policy);
        return policy;
    }

    /// <summary>The route's template. Where actions share one, as by convention they do, with the action's own name.</summary>
    private static string? TemplateOf(RoutePattern? route)
    {
        var required = route?.RequiredValues.Where(value => route.GetParameter(value.Key) is not null && value.Value is string { Length: > 0 })
            .OrderBy(static value => value.Key, StringComparer.Ordinal).Select(static value => $"{value.Key}={value.Value}").ToList();
        return required is { Count: > 0 } ? $"{route!.RawText} ({string.Join(", ", required)})" : route?.RawText;
    }
}
