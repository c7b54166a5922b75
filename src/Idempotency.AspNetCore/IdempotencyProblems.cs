namespace Idempotency;

/// <summary>
/// The problems that requests are refused with. A problem's <c>type</c> (RFC 9457) is <see cref="IdempotencyKeyOptions.ProblemPage"/>, <c>#</c> and
/// one of these names; they do not change.
/// </summary>
public static class IdempotencyProblems
{
    /// <summary>The page that explains them.</summary>
    public const string Page = "https://github.com/idempotency-net/idempotency/blob/main/docs/http-problems.md";

    /// <summary>400: the endpoint wants a key and the request has none.</summary>
    public const string KeyMissing = "key-missing";

    /// <summary>400: what was sent is not a key.</summary>
    public const string KeyInvalid = "key-invalid";

    /// <summary>400: it cannot be told who is calling, so that the response could not be kept from others.</summary>
    public const string CallerUnknown = "caller-unknown";

    /// <summary>400: the body cannot be compared with that of another request.</summary>
    public const string BodyInvalid = "body-invalid";

    /// <summary>413: the body is larger than the endpoint allows.</summary>
    public const string BodyTooLarge = "body-too-large";

    /// <summary>503: the body could not be buffered, and nothing was done. Sent with <c>Retry-After</c>.</summary>
    public const string BodyNotBuffered = "body-not-buffered";

    /// <summary>422, or as <see cref="IdempotencyKeyOptions.KeyReusedStatus"/> says: the key was used with another request.</summary>
    public const string KeyReused = "key-reused";

    /// <summary>409: the first request with this key is still running. Sent with <c>Retry-After</c>.</summary>
    public const string InProgress = "in-progress";

    /// <summary>409: the endpoint refuses every request whose key was used before.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>409: the process that ran the first request is gone, or what it called did not answer, and nobody knows whether it took effect.</summary>
    public const string InDoubt = "in-doubt";

    /// <summary>409: the first request was carried out, and its response was too large to keep or was streamed.</summary>
    public const string ResponseNotKept = "response-not-kept";

    /// <summary>409: this request ran for too long, and another may have taken its key over. Sent with <c>Retry-After</c>; a retry gets what became of it.</summary>
    public const string LeaseLost = "lease-lost";

    /// <summary>503: this request was carried out, and its response could not be stored. Sent with <c>Retry-After</c>.</summary>
    public const string ResponseNotStored = "response-not-stored";

    /// <summary>503: nothing was done, because it cannot be told whether it was done before. Sent with <c>Retry-After</c>.</summary>
    public const string StoreUnavailable = "store-unavailable";

    /// <summary>500: what is stored for the key cannot be read. Nothing was done.</summary>
    public const string RecordUnreadable = "record-unreadable";

    /// <summary>500: the handler failed, and the failure is kept.</summary>
    public const string RequestFailed = "request-failed";
}
