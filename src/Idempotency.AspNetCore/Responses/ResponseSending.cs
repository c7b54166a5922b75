using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Responses;

/// <summary>Sends responses whose outcome is stored.</summary>
internal static class ResponseSending
{
    /// <summary>Says on a response that it was made by an earlier request.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>Sends a stored response again.</summary>
    public static Task ReplayAsync(this HttpResponse response, StoredResponse stored, string? expiryHeader)
    {
        response.StatusCode = stored.StatusCode;
        if (stored.ReasonPhrase is not null)
        {
            response.HttpContext.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = stored.ReasonPhrase;
        }

        foreach (var header in stored.Headers)
        {
            response.Headers[header.Name] = header.Values;
        }

        response.Headers[ReplayedHeader] = "true";
        ExposedHeaders.Add(response.HttpContext, ReplayedHeader);
        return response.SendAsync(stored.Body, stored, expiryHeader);
    }

    /// <summary>Sends a response whose status and headers are there.</summary>
    /// <remarks>
    /// Without the caller's token: whether the client is still there makes no difference to anybody else. An empty body is not written, so that the
    /// application may still add one, as its status code pages do, to the first response and to every replay alike.
    /// </remarks>
    public static async Task SendAsync(this HttpResponse response, ReadOnlyMemory<byte> body, StoredResponse stored, string? expiryHeader)
    {
        if (expiryHeader is not null && stored.Body is not null)
        {
            ExposedHeaders.Add(response.HttpContext, expiryHeader);
            response.Headers[expiryHeader] = stored.KeptUntil.ToString("R", CultureInfo.InvariantCulture);
        }

        if (!body.IsEmpty)
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body).ConfigureAwait(false);
        }
    }
}
