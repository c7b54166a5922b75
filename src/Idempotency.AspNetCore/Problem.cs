using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Idempotency.AspNetCore.Endpoints;
using Idempotency.AspNetCore.Requests;
using Idempotency.AspNetCore.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Idempotency.AspNetCore;

/// <summary>Why a request is refused, as its client reads it (RFC 9457).</summary>
/// <remarks>Says nothing of a key or a body: what an attacker sends is not sent back.</remarks>
internal sealed record Problem(KeyPolicy Policy, int Status, string Name, string Title, string Detail, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    public static Problem KeyMissing(KeyPolicy policy) => new(
        policy, 400, IdempotencyProblems.KeyMissing, $"The {policy.Options.HeaderName} header is missing",
        "Send a key that is unique to what you want done, and the same key when you send the request again.");

    public static Problem KeyInvalid(KeyPolicy policy, string fault) => new(
        policy, 400, IdempotencyProblems.KeyInvalid, $"The {policy.Options.HeaderName} header is not a key", fault);

    public static Problem CallerUnknown(KeyPolicy policy) => new(
        policy, 400, IdempotencyProblems.CallerUnknown, "The caller cannot be told from others",
        "Responses are kept for one caller each, and this request does not say enough about whom it comes from. Nothing was done.");

    public static Problem BodyRefused(KeyPolicy policy, RequestBodyException refused) => refused.IsTooLarge
        ? new Problem(policy, 413, IdempotencyProblems.BodyTooLarge, "The request is too large", refused.Message)
        : new Problem(policy, 400, IdempotencyProblems.BodyInvalid, "The body cannot be compared", refused.Message);

    public static Problem BodyNotBuffered(KeyPolicy policy) => new(
        policy, 503, IdempotencyProblems.BodyNotBuffered, "The request could not be taken in",
        "Its body could not be buffered. Nothing was done; send it again with the same key.", s_soon);

    public static Problem ResponseNotKept(KeyPolicy policy, int status) => new(
        policy, 409, IdempotencyProblems.ResponseNotKept, "The request was carried out, and its response is not kept",
        $"The first request with this key was answered with status {status}. That response was too large to keep or was streamed, so it cannot be sent again; nothing was done now.");

    public static Problem RequestFailed(KeyPolicy policy) => new(
        policy, 500, IdempotencyProblems.RequestFailed, "The request failed",
        "What it was to do may have been done in part. Sending it again with the same key gives this answer again.");

    /// <summary>The answer to what the guard threw; <see langword="null"/> when it has none.</summary>
    /// <param name="failure">What the guard threw.</param>
    /// <param name="policy">The endpoint's.</param>
    /// <param name="hasRun">Whether this request ran the handler.</param>
    public static Problem? Of(Exception failure, KeyPolicy policy, bool hasRun) => failure switch
    {
        IdempotencyKeyReusedException => new(
            policy, policy.Options.KeyReusedStatus, IdempotencyProblems.KeyReused, "The key was used with another request",
            "A key stands for one request: its path, query, content type and body must be the same whenever it is sent. Nothing was done; use a new key for a new request."),
        OperationInProgressException busy => new(
            policy, 409, IdempotencyProblems.InProgress, "The first request with this key is still running",
            "Nothing was done by this one. Send it again with the same key for the first one's response.", busy.RetryAfter),
        DuplicateOperationException => new(
            policy, 409, IdempotencyProblems.Duplicate, "The key was used before", "This endpoint takes every key only once. Nothing was done."),
        OperationInDoubtException => new(
            policy, 409, IdempotencyProblems.InDoubt, "Nobody knows whether the request was carried out",
            "The process that ran the first request with this key is gone, or what it called did not answer. Nothing was done now, and nothing will be before a person has found out; sending the request with another key may do it twice."),
        OutcomeNotStoredException when hasRun => new(
            policy, 503, IdempotencyProblems.ResponseNotStored, "The request was carried out, and its response could not be stored",
            "Send it again with the same key, and never with another: while the response is being stored you are told that the request is running.", s_soon),
        OutcomeNotStoredException => new(
            policy, 409, IdempotencyProblems.ResponseNotKept, "The request was carried out, and its response is not kept",
            "The first request with this key was carried out; its response cannot be sent again. Nothing was done now."),
        LeaseLostException => new(
            policy, 409, IdempotencyProblems.LeaseLost, "The request can no longer answer for its key",
            "It took too long, or lost its store for too long, and another with the same key may have taken over. Send it again with the same key for what became of it.", s_soon),
        StoreUnavailableException when !hasRun => new(
            policy, 503, IdempotencyProblems.StoreUnavailable, "It cannot be told whether the request was carried out before",
            "Nothing was done. Send it again with the same key.", s_soon),
        UnreadableRecordException => new(
            policy, 500, IdempotencyProblems.RecordUnreadable, "What is stored for this key cannot be read",
            "Nothing was done, because the request may have been carried out before. Sending it with another key may do it twice."),
        _ => null,
    };

    /// <summary>Sends it, by the application's own problem service where there is one.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        var page = Policy.Options.ProblemPage;
        response.StatusCode = Status;
        response.Headers.Append("Link", $"<{page.AbsoluteUri}>; rel=\"help\"");
        if (RetryAfter is { } left)
        {
            ExposedHeaders.Add(context, HeaderNames.RetryAfter);

            // Never longer than the lease can last, and never at once.
            response.Headers.RetryAfter = Math.Max(1, (long)left.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var details = new ProblemDetails { Status = Status, Title = Title, Detail = Detail, Type = $"{page.AbsoluteUri}#{Name}" };
        var service = context.RequestServices.GetService<IProblemDetailsService>();
        if (service is null || !await service.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = details }).ConfigureAwait(false))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(details, ProblemJson.Default.ProblemDetails);
            response.ContentType = "application/problem+json";
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body).ConfigureAwait(false);
        }
    }
}

/// <summary>How problems are written, without reflection.</summary>
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ProblemJson : JsonSerializerContext;
