using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>
/// Makes the response that is kept of a failure. What the application does about exceptions outside of its endpoints cannot be seen from here, so its
/// exception handlers are asked here.
/// </summary>
internal static class FailureResponse
{
    /// <summary>Lets the application's exception handlers see what they see in its middleware.</summary>
    public static void Announce(HttpContext context, Exception failure)
    {
        var feature = new ExceptionHandlerFeature { Error = failure, Path = context.Request.Path, Endpoint = context.GetEndpoint(), RouteValues = context.Request.RouteValues };
        context.Features.Set<IExceptionHandlerFeature>(feature);
        context.Features.Set<IExceptionHandlerPathFeature>(feature);
    }

    /// <summary>Writes what the first of them that handles it writes, or a problem that says no more than that the request failed.</summary>
    public static async Task WriteAsync(HttpContext context, KeyPolicy policy, Exception failure, CancellationToken cancellationToken)
    {
        foreach (var handler in context.RequestServices.GetServices<IExceptionHandler>())
        {
            if (await handler.TryHandleAsync(context, failure, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        await Problem.RequestFailed(policy).WriteAsync(context).ConfigureAwait(false);
    }
}
