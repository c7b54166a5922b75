using System.Text.Json.Serialization;

namespace Idempotency.AspNetCore.Responses;

/// <summary>A header of a stored response, with its lines in order.</summary>
internal sealed record StoredHeader([property: JsonPropertyName("n")] string Name, [property: JsonPropertyName("v")] string?[] Values);
