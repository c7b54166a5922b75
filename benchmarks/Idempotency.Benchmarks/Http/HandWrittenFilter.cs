using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Idempotency.Benchmarks.Http;

/// <summary>The usual one: it keeps the handler's result by the header, and neither looks at the body nor stops two at once.</summary>
internal sealed class HandWrittenFilter : IEndpointFilter
{
    private static readonly ConcurrentDictionary<string, object?> s_results = new();

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var key = context.HttpContext.Request.Headers["Idempotency-Key"].ToString();
        if (s_results.TryGetValue(key, out var result))
        {
            context.HttpContext.Response.Headers["Idempotent-Replayed"] = "true";
            return result;
        }

        return s_results[key] = await next(context);
    }
}
