using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Responses;

/// <summary>A header of a stored response, with its lines in order.</summary>
internal sealed record StoredHeader([property: JsonPropertyName("n")] string Name, [property: JsonPropertyName("v")] string?[] Values)
{
    /// <summary>Those of a response's headers that are stored.</summary>
    public static StoredHeader[] Of(IHeaderDictionary headers, ISet<string> stored)
    {
        var count = 0;
        foreach (var header in headers)
        {
            count += stored.Contains(header.Key) ? 1 : 0;
        }

        var kept = new StoredHeader[count];
        foreach (var (name, values) in headers)
        {
            if (stored.Contains(name))
            {
                kept[^count--] = new StoredHeader(name, [.. values]);
            }
        }

        return kept;
    }
}
