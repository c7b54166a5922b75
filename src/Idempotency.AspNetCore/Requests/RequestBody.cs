using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Requests;

/// <summary>Reads a request's body to its end and hashes it, and leaves it there for the handler to read again.</summary>
internal static class RequestBody
{
    public const int HashLength = SHA256.HashSizeInBytes;

    private static readonly byte[] s_nothing = SHA256.HashData([]);

    /// <summary>Hashes the body.</summary>
    /// <exception cref="RequestBodyException">It is too large, or cannot be compared with others.</exception>
    /// <exception cref="IOException">It could not be received, or not be buffered.</exception>
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

        if (request.ContentLength is { } length && length <= options.RequestBytesInMemory)
        {
            return HashSmallAsync(context, options, (int)length);
        }

        request.EnableBuffering(options.RequestBytesInMemory);
        return options.ComparesJsonByValue && request.HasJsonContentType() ? HashJsonAsync(context, options) : HashBytesAsync(context, options);
    }

    /// <summary>A body whose length is known and that stays in memory needs neither a buffer that grows nor a file.</summary>
    private static async ValueTask<byte[]> HashSmallAsync(HttpContext context, IdempotencyKeyOptions options, int length)
    {
        var body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted).ConfigureAwait(false);
        context.Request.Body = new MemoryStream(body, writable: false);
        return options.ComparesJsonByValue && context.Request.HasJsonContentType() ? CanonicalJson.Hash(body) : SHA256.HashData(body);
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
        await ReadAsync(context, options, piece => whole.Write(piece.Span)).ConfigureAwait(false);
        return CanonicalJson.Hash(whole.WrittenMemory);
    }

    private static async Task ReadAsync(HttpContext context, IdempotencyKeyOptions options, Action<ReadOnlyMemory<byte>> take)
    {
        var body = context.Request.Body;
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            long total = 0;
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

        body.Position = 0;
    }
}
