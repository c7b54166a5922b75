using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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

        var policy = PolicyOf(
            endpoint.ApplicationServices,
            endpoint.Metadata,
            endpoint.DisplayName,
            (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText);
        endpoint.Metadata.Add(policy);
        endpoint.RequestDelegate = context => GuardedRequest.RunAsync(context, policy, handler);
    }

    /// <summary>The policy of an endpoint, from all that was said about its key.</summary>
    /// <exception cref="InvalidOperationException">An option is out of its range, or nobody was told whom responses belong to.</exception>
    public static KeyPolicy PolicyOf(IServiceProvider services, IEnumerable<object> metadata, string? name, string? route)
    {
        var said = metadata.OfType<IIdempotencyKeyMetadata>().ToList();
        var options = services.GetRequiredService<IOptionsFactory<IdempotencyKeyOptions>>()
            .Create(said.LastOrDefault(static item => item.Policy is not null)?.Policy ?? Options.DefaultName);
        foreach (var item in said)
        {
            item.Configure(options);
        }

        var policy = new KeyPolicy(options, name ?? route ?? "without a name", route ?? name ?? "");
        if (options.Methods.Count > 0)
        {
            Callers.RequireKnown(services, metadata, policy);
        }

        return policy;
    }
}
