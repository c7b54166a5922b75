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

    private const int BufferSize = 16 * 1024;

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
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var used = buffer.Length;
        try
        {
            used = await FillAsync(context, options, buffer, before: 0).ConfigureAwait(false);
            var hash = used < buffer.Length ? SHA256.HashData(buffer.AsSpan(0, used)) : await HashLargeAsync(context, options, buffer).ConfigureAwait(false);
            context.Request.Body.Position = 0;
            return hash;
        }
        finally
        {
            buffer.AsSpan(0, used).Clear(); // requests may hold secrets
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Hashes a body piece by piece.</summary>
    /// <param name="context">The request.</param>
    /// <param name="options">What it may be.</param>
    /// <param name="buffer">The first piece, which is filled with the others.</param>
    private static async ValueTask<byte[]> HashLargeAsync(HttpContext context, IdempotencyKeyOptions options, byte[] buffer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var total = 0L;
        for (var piece = buffer.Length; piece > 0; piece = await FillAsync(context, options, buffer, total).ConfigureAwait(false))
        {
            hash.AppendData(buffer.AsSpan(0, piece));
            total += piece;
        }

        return hash.GetHashAndReset();
    }

    private static async ValueTask<byte[]> HashJsonAsync(HttpContext context, IdempotencyKeyOptions options)
    {
        var whole = new ArrayBufferWriter<byte>();
        var hasMore = true;
        while (hasMore && whole.WrittenCount <= LargestComparedJson)
        {
            var room = whole.GetMemory(BufferSize)[..BufferSize];
            var filled = await FillAsync(context, options, room, whole.WrittenCount).ConfigureAwait(false);
            whole.Advance(filled);
            hasMore = filled == room.Length;
        }

        context.Request.Body.Position = 0;
        return whole.WrittenCount > LargestComparedJson ? await HashBytesAsync(context, options).ConfigureAwait(false) : CanonicalJson.Hash(whole.WrittenMemory);
    }

    /// <summary>Reads until the buffer is full or the body has ended.</summary>
    /// <param name="context">The request.</param>
    /// <param name="options">What it may be.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="before">How much of the body was read before.</param>
    private static async ValueTask<int> FillAsync(HttpContext context, IdempotencyKeyOptions options, Memory<byte> buffer, long before)
    {
        var filled = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted).ConfigureAwait(false);
        if (before + filled > options.MaxRequestBytes)
        {
            throw RequestBodyException.TooLarge(options.MaxRequestBytes);
        }

        return before + filled > 0 || context.Request.ContentLength is null or 0
            ? filled
            : throw new InvalidOperationException(
                $"The body of a request to '{context.Request.Path}' was read before its endpoint, so that it cannot be compared with that of another request with the same " +
                "idempotency key; nothing was done. Let what reads it call Request.EnableBuffering() first.");
    }
}
