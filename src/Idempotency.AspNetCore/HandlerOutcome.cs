using Microsoft.AspNetCore.Http;

namespace Idempotency;

/// <summary>How a handler ended, for <see cref="IdempotencyKeyOptions.Fate"/> to judge.</summary>
public readonly struct HandlerOutcome
{
    internal HandlerOutcome(HttpContext context, int statusCode, Exception? exception) =>
        (HttpContext, StatusCode, Exception) = (context, statusCode, exception);

    /// <summary>The request.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>The status of the response; 500 when the handler threw.</summary>
    public int StatusCode { get; }

    /// <summary>What the handler threw; <see langword="null"/> when it responded.</summary>
    public Exception? Exception { get; }

    /// <summary>
    /// The rule that holds where <see cref="IdempotencyKeyOptions.Fate"/> does not say: a response is kept unless its status says that nothing was done
    /// and that a later try may succeed (401, 408, 409, 425, 429). A response of 500 and above is kept, because its handler had begun and may have had
    /// its effect before it failed.
    /// </summary>
    public static ResponseFate OfStatus(int statusCode) => statusCode is 401 or 408 or 409 or 425 or 429 ? ResponseFate.Free : ResponseFate.Keep;
}
