using Idempotency.AspNetCore.Endpoints;
using Idempotency.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore;

/// <summary>
/// What endpoints with a key need of the application. <c>AddIdempotency</c> finds it by name, because users of this package map and annotate
/// endpoints and have nothing to register.
/// </summary>
internal static class HttpServices
{
    public static void Register(IServiceCollection services)
    {
        if (services.Any(static service => service.ImplementationType == typeof(EndpointChecks)))
        {
            return;
        }

        services.AddTransient<IStartupFilter, EndpointChecks>();
        services.AddSingleton<IFilterProvider, ActionFilterProvider>();
        services.ConfigureAll<OpenApiOptions>(static options => options.AddOperationTransformer<KeyDescription>());
    }

    /// <summary>Checks all endpoints before the server listens, and lets scripts of other origins read the headers of the guard that a client acts on.</summary>
    private sealed class EndpointChecks : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            if (app.ApplicationServices.GetService<ICorsService>() is not null)
            {
                app.Use(ExposeHeaders);
            }

            next(app);
            if (app.ApplicationServices.GetService<EndpointDataSource>() is { } endpoints)
            {
                foreach (var endpoint in endpoints.Endpoints)
                {
                    Check(app.ApplicationServices, endpoint);
                }
            }
        };

        private static void Check(IServiceProvider services, Endpoint endpoint)
        {
            if (endpoint.Metadata.GetMetadata<IIdempotencyKeyMetadata>() is null || endpoint.Metadata.GetMetadata<KeyPolicy>() is not null)
            {
                return;
            }

            if (endpoint.Metadata.GetMetadata<ActionDescriptor>() is { } action)
            {
                ActionGuard.PolicyOf(services, endpoint, action);
            }
            else if (endpoint.Metadata.GetMetadata<RequireIdempotencyKeyAttribute>() is not null)
            {
                throw new InvalidOperationException(
                    $"Endpoint '{endpoint.DisplayName}' has [RequireIdempotencyKey], which only works on controllers, so that it would run unguarded. " +
                    "Call RequireIdempotencyKey() on what maps it.");
            }
        }

        /// <remarks>Here, because what is registered first is done last: after the application's own CORS policy has set what it exposes.</remarks>
        private static RequestDelegate ExposeHeaders(RequestDelegate next) => context =>
        {
            if (context.Request.Headers.Origin.Count > 0)
            {
                var exposed = new ExposedHeaders();
                context.Features.Set(exposed);
                context.Response.OnStarting(() =>
                {
                    exposed.WriteTo(context.Response.Headers);
                    return Task.CompletedTask;
                });
            }

            return next(context);
        };
    }
}
