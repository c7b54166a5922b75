using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Routing;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>
/// Puts the guard around what MVC does for an action once its authorization filters have let the caller in. Around the whole endpoint, a caller who
/// has lost a right would get the stored response.
/// </summary>
internal static class ActionGuard
{
    /// <summary>By endpoint, or by action where there is none; they live as long as their policy is of use.</summary>
    private static readonly ConditionalWeakTable<object, Entry> s_policies = [];

    public static Task RunAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        var http = context.HttpContext;
        if (http.Features.Get<IdempotencyContext>() is not null || PolicyOf(http.RequestServices, http.GetEndpoint(), context.ActionDescriptor) is not { } policy)
        {
            return next(); // it is said twice, of the controller and of the action, and the guard is around this already; or no method of it is guarded
        }

        return GuardedRequest.RunAsync(http, policy, RunActionAsync);

        async Task RunActionAsync(HttpContext _)
        {
            var executed = await next().ConfigureAwait(false);
            if (executed.Exception is { } failure && !executed.ExceptionHandled)
            {
                executed.ExceptionHandled = true; // it is thrown from here instead, after the guard has seen it
                (executed.ExceptionDispatchInfo ?? ExceptionDispatchInfo.Capture(failure)).Throw();
            }
        }
    }

    /// <returns>The policy; <see langword="null"/> when it is one of several and has no method that is guarded.</returns>
    /// <exception cref="InvalidOperationException">An option is out of its range, nobody was told whom responses belong to, or the action was marked and has no guarded method.</exception>
    public static KeyPolicy? PolicyOf(IServiceProvider services, Endpoint? endpoint, ActionDescriptor action)
    {
        if (endpoint?.Metadata.GetMetadata<KeyPolicy>() is { } known)
        {
            return known;
        }

        var key = (object?)endpoint ?? action;
        if (!s_policies.TryGetValue(key, out var entry))
        {
            var metadata = endpoint?.Metadata as IEnumerable<object> ?? action.EndpointMetadata;
            entry = new Entry(GuardedEndpoint.PolicyOf(services, metadata, endpoint?.DisplayName ?? action.DisplayName, (endpoint as RouteEndpoint)?.RoutePattern));
            s_policies.AddOrUpdate(key, entry);
        }

        return entry.Policy;
    }

    private sealed record Entry(KeyPolicy? Policy);
}
