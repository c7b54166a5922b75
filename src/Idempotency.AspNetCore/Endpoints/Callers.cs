using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Authorization;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>Finds out before the first request whether it can be told whom an endpoint's responses belong to.</summary>
internal static class Callers
{
    /// <exception cref="InvalidOperationException">The endpoint allows anonymous callers and has no scope, or there is no guard.</exception>
    public static void RequireKnown(IServiceProvider services, IEnumerable<object> metadata, KeyPolicy policy)
    {
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IdempotencyGuard)) == false)
        {
            throw new InvalidOperationException(
                $"Endpoint '{policy.Endpoint}' requires an idempotency key, and no guard is registered. Call services.AddIdempotency().");
        }

        if (policy.Options.Scope is null && AllowsAnonymous(services, [.. metadata]))
        {
            throw new InvalidOperationException(
                $"Endpoint '{policy.Endpoint}' requires an idempotency key and allows anonymous callers, so that one could be sent another's response. " +
                $"Require authorization that lets only authenticated users in, or set {nameof(IdempotencyKeyOptions)}.{nameof(IdempotencyKeyOptions.Scope)} to what " +
                $"tells callers apart; where anybody may read every response, to {nameof(IdempotencyScope)}.{nameof(IdempotencyScope.Everybody)}.");
        }
    }

    private static bool AllowsAnonymous(IServiceProvider services, object[] metadata)
    {
        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            return true;
        }

        if (metadata.OfType<ActionDescriptor>().Any(static action => action.FilterDescriptors.Any(static filter => filter.Filter is (AuthorizeFilter or IAuthorizationFilter or IAsyncAuthorizationFilter) and not (RequireHttpsAttribute or IAntiforgeryPolicy))))
        {
            return false; // a filter of MVC decides, which cannot be asked; without a user its requests are refused one by one
        }

        if (services.GetService<IAuthorizationPolicyProvider>() is not { } policies)
        {
            return true;
        }

        // By default a provider answers from memory; one that does not is waited for, once, while the application starts.
        var required = AuthorizationPolicy.CombineAsync(policies, metadata.OfType<IAuthorizeData>(), metadata.OfType<AuthorizationPolicy>()).GetAwaiter().GetResult()
            ?? policies.GetFallbackPolicyAsync().GetAwaiter().GetResult();
        return required is null || !required.Requirements.Any(DeniesAnonymous);
    }

    private static bool DeniesAnonymous(IAuthorizationRequirement requirement) => requirement switch
    {
        DenyAnonymousAuthorizationRequirement or RolesAuthorizationRequirement or NameAuthorizationRequirement or ClaimsAuthorizationRequirement => true,
        AssertionRequirement => false,
        _ => true, // of the application's own, which cannot be asked; without a user its requests are refused one by one
    };
}
