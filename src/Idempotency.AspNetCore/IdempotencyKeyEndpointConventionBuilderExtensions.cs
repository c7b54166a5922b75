using Idempotency.AspNetCore.Endpoints;
using Microsoft.AspNetCore.Builder;

namespace Idempotency;

/// <summary>Guards endpoints by the <c>Idempotency-Key</c> header.</summary>
public static class IdempotencyKeyEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Runs an endpoint's handler once per key: the first request with a key runs it, and every later one gets the first response again, byte for byte.
    /// Works on single endpoints, on route groups and on <c>MapControllers()</c>; what an endpoint says adds to what its group says. The guard is
    /// the one that <c>AddIdempotency</c> registers.
    /// </summary>
    /// <remarks>
    /// Authorization that the middleware does, by <c>RequireAuthorization</c> or <c>[Authorize]</c>, happens before. Endpoint filters and model
    /// binding belong to the handler: they do not run for a replay. In a group, endpoints without a method among
    /// <see cref="IdempotencyKeyOptions.Methods"/> are left as they are; where it is said of a single endpoint, that is an error at start.
    /// </remarks>
    /// <param name="builder">The endpoint, or the group.</param>
    /// <param name="configure">Changes the options of these endpoints. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static TBuilder RequireIdempotencyKey<TBuilder>(this TBuilder builder, Action<IdempotencyKeyOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder => Require(builder, new KeyRequirement(null, configure, IsOfOneEndpoint: builder is RouteHandlerBuilder));

    /// <inheritdoc cref="RequireIdempotencyKey{TBuilder}(TBuilder, Action{IdempotencyKeyOptions}?)"/>
    /// <param name="builder">The endpoint, or the group.</param>
    /// <param name="policy">The name of the options to start from, as given to <c>services.Configure&lt;IdempotencyKeyOptions&gt;(name, …)</c>.</param>
    /// <param name="configure">Changes the options of these endpoints further.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static TBuilder RequireIdempotencyKey<TBuilder>(this TBuilder builder, string policy, Action<IdempotencyKeyOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);
        return Require(builder, new KeyRequirement(policy, configure, IsOfOneEndpoint: builder is RouteHandlerBuilder));
    }

    private static TBuilder Require<TBuilder>(TBuilder builder, KeyRequirement requirement)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(requirement));

        // At the very end, when groups and endpoint have said all they have to say.
        builder.Finally(GuardedEndpoint.Guard);
        return builder;
    }

    private sealed record KeyRequirement(string? Policy, Action<IdempotencyKeyOptions>? Change, bool IsOfOneEndpoint) : IIdempotencyKeyMetadata
    {
        public void Configure(IdempotencyKeyOptions options) => Change?.Invoke(options);
    }
}
