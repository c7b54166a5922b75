using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>The policies of actions that say themselves that they need a key.</summary>
internal static class ActionPolicies
{
    /// <summary>By endpoint, which lives as long as its policy is of use.</summary>
    private static readonly ConditionalWeakTable<Endpoint, KeyPolicy> s_policies = [];

    /// <exception cref="InvalidOperationException">An option is out of its range, or nobody was told whom responses belong to.</exception>
    public static KeyPolicy Of(IServiceProvider services, RouteEndpoint endpoint)
    {
        if (!s_policies.TryGetValue(endpoint, out var policy))
        {
            policy = GuardedEndpoint.PolicyOf(services, endpoint.Metadata, endpoint.DisplayName, endpoint.RoutePattern.RawText);
            s_policies.AddOrUpdate(endpoint, policy);
        }

        return policy;
    }
}
