using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idempotency;

/// <summary>
/// How endpoints treat the <c>Idempotency-Key</c> header. Set for all endpoints with <c>services.Configure&lt;IdempotencyKeyOptions&gt;(…)</c>, for
/// those that name a policy with <c>services.Configure&lt;IdempotencyKeyOptions&gt;("name", …)</c>, and for one with
/// <c>RequireIdempotencyKey(options => …)</c>. Checked when the host starts.
/// </summary>
public sealed class IdempotencyKeyOptions
{
    /// <summary>The header that carries the key; <c>Idempotency-Key</c> by default.</summary>
    public string HeaderName { get; set; } = "Idempotency-Key";

    /// <summary>
    /// The methods that are guarded, in any case; POST and PATCH by default, the ones that HTTP does not call idempotent. Requests with another method
    /// go to the handler, whatever header they carry. None at all is an error at start, and so is a single endpoint that requires a key and takes
    /// none of them.
    /// </summary>
    public ISet<string> Methods { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { HttpMethods.Post, HttpMethods.Patch };

    /// <summary>
    /// Whether a request without a key is refused with 400; <see langword="true"/> by default. Otherwise it runs the handler, unguarded.
    /// </summary>
    public bool IsRequired { get; set; } = true;

    /// <summary>
    /// Whether a key may come without its quotes, as many clients send it: <c>abc</c> and <c>"abc"</c> are then one key. <see langword="false"/> by
    /// default: the header is a structured field String (draft-ietf-httpapi-idempotency-key-header-07, RFC 9651).
    /// </summary>
    public bool AcceptsBareKeys { get; set; }

    /// <summary>The longest key, in characters; 255 by default, from 1 to 1,024. A longer one is refused with 400.</summary>
    public int MaxKeyLength { get; set; } = 255;

    /// <summary>
    /// Whom a response belongs to; <see cref="IdempotencyScope.OfUser"/> by default where an endpoint lets only authenticated callers in. An endpoint
    /// that allows anonymous callers must set it, or the host does not start. A request of which it returns <see langword="null"/> is refused with 400.
    /// </summary>
    public Func<HttpContext, IdempotencyScope?>? Scope { get; set; }

    /// <summary>
    /// The operation's stable name in keys and metrics; the method and the route's template when <see langword="null"/>, such as
    /// <c>POST /charges/{id}</c>. Name it when two endpoints share a template, or before a template is changed whose keys are to stay valid.
    /// </summary>
    public string? Operation { get; set; }

    /// <inheritdoc cref="IdempotentAttribute.Ttl"/>
    public TimeSpan? Ttl { get; set; }

    /// <inheritdoc cref="IdempotentAttribute.Lease"/>
    public TimeSpan? Lease { get; set; }

    /// <inheritdoc cref="IdempotentAttribute.WaitTimeout"/>
    public TimeSpan? WaitTimeout { get; set; }

    /// <summary>
    /// What a request gets whose key was claimed before: the stored response, and 409 with <c>Retry-After</c> while the first request still runs
    /// (<see cref="OnDuplicate.Return"/>, the default); the stored response after waiting for it (<see cref="OnDuplicate.Wait"/>); or always 409
    /// (<see cref="OnDuplicate.Throw"/>).
    /// </summary>
    public OnDuplicate OnDuplicate { get; set; }

    /// <summary>
    /// What becomes of the key when the handler throws, where <see cref="Fate"/> does not say: it is freed and the exception goes on to the
    /// application (<see cref="OnFailure.Unlock"/>, the default), or it is answered with 500, by the application's exception handlers where one takes
    /// it, and that response is kept (<see cref="OnFailure.Lock"/>).
    /// </summary>
    public OnFailure OnFailure { get; set; }

    /// <summary>What happens when a process dies while it handles a request. <see cref="OnCrash.Retry"/> by default.</summary>
    public OnCrash OnCrash { get; set; }

    /// <summary>
    /// Judges how a handler ended. Where it is <see langword="null"/>, as by default, or returns <see langword="null"/>, a response is judged by
    /// <see cref="HandlerOutcome.OfStatus"/> and an exception by <see cref="OnFailure"/>.
    /// </summary>
    public Func<HandlerOutcome, ResponseFate?>? Fate { get; set; }

    /// <summary>
    /// Whether <see cref="HttpContext.RequestAborted"/> reaches the handler when the client goes away; <see langword="false"/> by default, so that a
    /// handler which has charged somebody is not stopped before its response is stored. The token is then cancelled only when the attempt loses its
    /// key or runs for too long, or once its response is streamed and nothing is left to be stored.
    /// </summary>
    public bool CancelHandler { get; set; }

    /// <summary>The store, by the name it was registered with; the one that operations use which name none by default.</summary>
    public string? Store { get; set; }

    /// <summary>
    /// Whether the handler runs unguarded while the store does not answer; <see langword="false"/> by default, and requests are refused with 503. Only
    /// for endpoints where doing something twice is better than not doing it.
    /// </summary>
    public bool RunsUnguardedWithoutStore { get; set; }

    /// <summary>
    /// The headers of a response that are stored and sent again, in any case. Cookies, credentials and headers that belong to one connection cannot be
    /// among them.
    /// </summary>
    public ISet<string> ReplayedHeaders { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Allow, HeaderNames.CacheControl, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding, HeaderNames.ContentLanguage,
        "Content-Location", HeaderNames.ContentRange, HeaderNames.ContentType, "Deprecation", HeaderNames.ETag, HeaderNames.Expires, HeaderNames.LastModified, HeaderNames.Link,
        HeaderNames.Location, HeaderNames.RetryAfter, "Sunset", HeaderNames.Vary,
    };

    /// <summary>
    /// The largest response that is stored, in bytes of its body; by default, and at most, what fits into
    /// <see cref="IdempotencyOptions.MaxResultBytes"/>, which is about three quarters of it. A larger one is sent and not stored: retries get 409 and
    /// the handler never runs again.
    /// </summary>
    public int? MaxResponseBytes { get; set; }

    /// <summary>
    /// The largest request, in bytes of its body; 30,000,000 by default, the web server's own limit, at least 0. A larger one is refused with 413.
    /// </summary>
    public long MaxRequestBytes { get; set; } = 30_000_000;

    /// <summary>
    /// How much of a request's body is kept in memory, in bytes, while it is compared with that of the first request; the rest is buffered in a
    /// temporary file. 64 KiB by default, from 0 to 1 GiB.
    /// </summary>
    public int RequestBytesInMemory { get; set; } = 64 * 1024;

    /// <summary>
    /// Whether JSON bodies that differ only in white space, in the order of properties, in escapes or in how a number is written count as the same
    /// request; <see langword="false"/> by default: every byte counts. A body with a property twice is then refused with 400. It is read into memory as
    /// a whole, up to 1 MiB; of a larger one every byte counts.
    /// </summary>
    public bool ComparesJsonByValue { get; set; }

    /// <summary>The status of a key that was used with another request before; 422 by default, from 400 to 499.</summary>
    public int KeyReusedStatus { get; set; } = StatusCodes.Status422UnprocessableEntity;

    /// <summary>
    /// A response header that says until when the response is kept, as an HTTP date; not sent when <see langword="null"/>, as by default.
    /// </summary>
    public string? ExpiryHeaderName { get; set; }

    /// <summary>
    /// Where the problems are explained that requests are refused with: each problem's type is this address, <c>#</c> and a name of
    /// <see cref="IdempotencyProblems"/>. The page of this library by default. Absolute.
    /// </summary>
    public Uri ProblemPage { get; set; } = new(IdempotencyProblems.Page);

    /// <summary>
    /// Behaves as Stripe's API does (docs.stripe.com/api/idempotent_requests): keys come without quotes, a key that was used with another request is
    /// answered with 400, and whatever status and body the handler ended with are kept, failures with 500 included, except 400, 401, 409, 422 and 429,
    /// which say that nothing was executed. Options set afterwards win.
    /// </summary>
    public void UseStripeProfile()
    {
        AcceptsBareKeys = true;
        KeyReusedStatus = StatusCodes.Status400BadRequest;
        OnFailure = OnFailure.Lock;
        Fate = static outcome => outcome switch
        {
            { Exception: not null } => null,
            { StatusCode: 400 or 401 or 409 or 422 or 429 } => ResponseFate.Free,
            _ => ResponseFate.Keep,
        };
    }
}
