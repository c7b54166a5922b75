using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Idempotency.Serialization;

/// <summary>The JSON in an envelope that was found whole and of the right type, so that whoever reads it again only reads.</summary>
/// <param name="asker">For whom: another operation, or another guard with contracts of its own, has to look for itself.</param>
/// <param name="codec">The guard's codec.</param>
/// <param name="json">The content of the envelope.</param>
/// <param name="contract">What it is read with.</param>
internal sealed class ReadableJson<TResult>(IdempotentOperation<TResult> asker, object codec, ReadOnlyMemory<byte> json, JsonTypeInfo<TResult> contract)
{
    public bool IsFor(IdempotentOperation<TResult> operation, object itsCodec) => ReferenceEquals(asker, operation) && ReferenceEquals(codec, itsCodec);

    public TResult Read() => JsonSerializer.Deserialize(json.Span, contract)!;
}
