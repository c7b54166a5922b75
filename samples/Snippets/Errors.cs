using Idempotency;

namespace Snippets.Errors;

internal static class Endpoint
{
    #region errors-http
    // One way to answer over HTTP; anything else the body throws is the application's own.
    public static int StatusOf(IdempotencyException failure) => failure switch
    {
        OperationInProgressException => 409, // with Retry-After
        DuplicateOperationException => 409,
        IdempotencyKeyReusedException => 422,
        OperationInDoubtException => 409,    // no retry helps until somebody has looked
        StoreUnavailableException => 503,    // nothing ran; sending it again is safe
        _ => 500,
    };
    #endregion
}
