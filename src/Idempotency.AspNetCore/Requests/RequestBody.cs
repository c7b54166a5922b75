using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Requests;

/// <summary>Reads a request's body to its end and hashes it, and leaves it there for the handler to read again.</summary>
internal static class RequestBody
{
    /// <summary>Beyond this JSON is compared byte by byte: taking it apart costs many times its size.</summary>
    private const int LargestComparedJson = 1024 * 1024;

    private static readonly byte[] s_nothing = SHA256.HashData([]);

    /// <summary>Hashes the body.</summary>
    /// <exception cref="RequestBodyException">It is too large, or cannot be compared with others.</exception>
    /// <exception cref="IOException">It could not be received, or not be buffered.</exception>
    /// <exception cref="InvalidOperationException">Somebody has read it before and left nothing to be compared.</exception>
    public static ValueTask<byte[]> HashAsync(HttpContext context, IdempotencyKeyOptions options)
    {
        var request = context.Request;
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength != 0;
        if (!canHaveBody)
        {
            return new ValueTask<byte[]>(s_nothing);
        }

        if (request.ContentLength > options.MaxRequestBytes)
        {
            throw RequestBodyException.TooLarge(options.MaxRequestBytes);
        }

        if (request.Body.CanSeek)
        {
            request.Body.Position = 0; // whoever buffered it may have read it
        }
        else if (context.Features.Get<IFormFeature>()?.Form is { } form)
        {
            return FormHash.ComputeAsync(form, context.RequestAborted); // it was read by the middleware, as antiforgery does
        }

        // The length that the client gave says nothing about the body: it may have been decompressed meanwhile.
        request.EnableBuffering(options.RequestBytesInMemory);
        return options.ComparesJsonByValue && request.HasJsonContentType() && !(request.ContentLength > LargestComparedJson)
            ? HashJsonAsync(context, options)
            : HashBytesAsync(context, options);
    }

    private static async ValueTask<byte[]> HashBytesAsync(HttpContext context, IdempotencyKeyOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await ReadAsync(context, options, piece => hash.AppendData(piece.Span)).ConfigureAwait(false);
        return hash.GetHashAndReset();
    }

    private static async ValueTask<byte[]> HashJsonAsync(HttpContext context, IdempotencyKeyOptions options)
    {
        var whole = new ArrayBufferWriter<byte>();
        await ReadAsync(context, options, piece =>
        {
            if (whole.WrittenCount <= LargestComparedJson)
            {
                whole.Write(piece.Span);
            }
        }).ConfigureAwait(false);

        // It is rewound, so that one that turned out to be large can be read again.
        return whole.WrittenCount > LargestComparedJson ? await HashBytesAsync(context, options).ConfigureAwait(false) : CanonicalJson.Hash(whole.WrittenMemory);
    }

    private static async Task ReadAsync(HttpContext context, IdempotencyKeyOptions options, Action<ReadOnlyMemory<byte>> take)
    {
        var body = context.Request.Body;
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        long total = 0;
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
            {
                total += read;
                if (total > options.MaxRequestBytes)
                {
                    throw RequestBodyException.TooLarge(options.MaxRequestBytes);
                }

                take(buffer.AsMemory(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true); // requests may hold secrets
        }

        if (total == 0 && context.Request.ContentLength > 0)
        {
            throw new InvalidOperationException(
                $"The body of a request to '{context.Request.Path}' was read before its endpoint, so that it cannot be compared with that of another request with the same " +
                "idempotency key; nothing was done. Let what reads it call Request.EnableBuffering() first.");
        }

        body.Position = 0;
    }
}
