using System.Text.Json.Serialization;

namespace Idempotency.AspNetCore.Responses;

/// <summary>How responses are stored, without reflection.</summary>
[JsonSerializable(typeof(StoredResponse))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ResponseJson : JsonSerializerContext;
