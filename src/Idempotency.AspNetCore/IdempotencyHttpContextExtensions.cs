using Microsoft.AspNetCore.Http;

namespace Idempotency;

/// <summary>What a handler may ask about the key it runs under.</summary>
public static class IdempotencyHttpContextExtensions
{
    /// <summary>
    /// The attempt this request's handler runs in: its key, its fence, keys for outgoing calls. <see langword="null"/> where no key guards the request,
    /// as on an endpoint that does not require one.
    /// </summary>
    public static IdempotencyContext? GetIdempotencyContext(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<IdempotencyContext>();
    }
}
