using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>The policies of actions that say themselves that they need a key.</summary>
internal static class ActionPolicies
{
    /// <summary>By endpoint, which lives as long as its policy is of use.</summary>
    private static readonly ConditionalWeakTable<Endpoint, Entry> s_policies = [];

    /// <returns>The policy; <see langword="null"/> when the action has no method that is guarded.</returns>
    /// <exception cref="InvalidOperationException">An option is out of its range, or nobody was told whom responses belong to.</exception>
    public static KeyPolicy? Of(IServiceProvider services, RouteEndpoint endpoint)
    {
        if (!s_policies.TryGetValue(endpoint, out var entry))
        {
            entry = new Entry(GuardedEndpoint.PolicyOf(services, endpoint.Metadata, endpoint.DisplayName, endpoint.RoutePattern));
            s_policies.AddOrUpdate(endpoint, entry);
        }

        return entry.Policy;
    }

    private sealed record Entry(KeyPolicy? Policy);
}
