using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Responses;

/// <summary>
/// What is stored of a response. It is the result of the guarded operation, kept by the same guard and in the same record as any method's.
/// </summary>
/// <remarks>Never changed once it is made: a store in this process keeps the object itself. The short names are what is stored; they stay.</remarks>
internal sealed record StoredResponse
{
    /// <summary>What everything but headers and body takes at most.</summary>
    private const int Frame = 512;

    /// <summary>What a character of a header takes at most, escaped.</summary>
    private const int BytesPerCharacter = 6;

    [JsonPropertyName("s")]
    public required int StatusCode { get; init; }

    [JsonPropertyName("p")]
    public string? ReasonPhrase { get; init; }

    [JsonPropertyName("h")]
    public StoredHeader[] Headers { get; init; } = [];

    /// <summary>The bytes as they were sent; <see langword="null"/> when they are not kept.</summary>
    [JsonPropertyName("b")]
    public byte[]? Body { get; init; }

    /// <summary>The fence of the attempt that made it.</summary>
    [JsonPropertyName("f")]
    public long Fence { get; init; }

    /// <summary>Until when it is kept, by the clock of the process that made it.</summary>
    [JsonPropertyName("u")]
    public DateTimeOffset KeptUntil { get; init; }

    /// <summary>The trace in which the handler ran, as a <c>traceparent</c>.</summary>
    [JsonPropertyName("t")]
    public string? TraceParent { get; init; }

    /// <summary>The largest body that fits into a result of so many bytes.</summary>
    public static int LargestBody(int maxResultBytes) => Math.Max(0, (maxResultBytes - Frame) / 4 * 3);

    /// <summary>What is kept of a response; nothing but its status when the body is not there or the whole does not fit.</summary>
    public static StoredResponse Of(IHttpResponseFeature response, ISet<string> replayedHeaders, ReadOnlyMemory<byte>? body, int maxResultBytes, int maxBodyBytes)
    {
        var marker = new StoredResponse { StatusCode = response.StatusCode };
        if (body is not { } bytes || bytes.Length > maxBodyBytes)
        {
            return marker;
        }

        var headers = new List<StoredHeader>();
        var length = Frame + ((bytes.Length + 2) / 3 * 4);
        foreach (var (name, values) in response.Headers)
        {
            if (replayedHeaders.Contains(name))
            {
                headers.Add(new StoredHeader(name, [.. values]));
                length += (BytesPerCharacter * name.Length) + 16;
                foreach (var value in values)
                {
                    length += (BytesPerCharacter * (value?.Length ?? 0)) + 4;
                }
            }
        }

        length += BytesPerCharacter * (response.ReasonPhrase?.Length ?? 0);
        return length > maxResultBytes
            ? marker
            : marker with { ReasonPhrase = response.ReasonPhrase, Headers = [.. headers], Body = bytes.ToArray() };
    }
}
