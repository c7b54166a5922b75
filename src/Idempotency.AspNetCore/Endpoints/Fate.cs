using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>Decides what becomes of a key once its handler has ended, or wants its response to be streamed.</summary>
internal static class Fate
{
    /// <returns>What the options say; <see langword="null"/> for an exception that the guard is to judge as any method's.</returns>
    public static ResponseFate? Of(HttpContext context, KeyPolicy policy, IdempotencyContext attempt, int status, Exception? failure)
    {
        try
        {
            if (policy.Options.Fate?.Invoke(new HandlerOutcome(context, status, failure)) is { } chosen)
            {
                return chosen;
            }
        }
        catch (Exception failed)
        {
            // It is the application's own code and may throw anything. The handler has run, and its key must not be freed over this.
            Log.FateUnknown(Log.For(context.RequestServices), policy.Endpoint, failed);
        }

        return failure switch
        {
            null => HandlerOutcome.OfStatus(status),
            BadHttpRequestException => null, // the request could not be bound, and the handler did not run
            OperationCanceledException when attempt.CancellationToken.IsCancellationRequested => null, // it was asked to stop, and did not fail by itself
            _ => policy.Options.OnFailure == OnFailure.Lock ? ResponseFate.Keep : null,
        };
    }
}
