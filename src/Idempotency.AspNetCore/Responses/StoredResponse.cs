using System.Text.Json.Serialization;

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

    /// <summary>Whether a response with these parts fits into a result of so many bytes.</summary>
    public static bool Fits(string? reasonPhrase, StoredHeader[] headers, int bodyLength, int maxResultBytes)
    {
        var length = Frame + (((long)bodyLength + 2) / 3 * 4) + (BytesPerCharacter * (reasonPhrase?.Length ?? 0));
        foreach (var header in headers)
        {
            length += (BytesPerCharacter * header.Name.Length) + 16;
            foreach (var value in header.Values)
            {
                length += (BytesPerCharacter * (value?.Length ?? 0)) + 4;
            }
        }

        return length <= maxResultBytes;
    }
}
