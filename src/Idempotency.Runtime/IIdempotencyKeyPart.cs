using Idempotency.Keys;

namespace Idempotency;

/// <summary>A type that says itself what its value identity is.</summary>
/// <remarks>
/// Equal values must write the same parts and different values different ones, on every machine and in every release: what is
/// written here is stored. Use only the <c>Add</c> members; never a hash code, a reference or culture-dependent text.
/// </remarks>
public interface IIdempotencyKeyPart
{
    /// <summary>Adds the parts that identify this value.</summary>
    void WriteTo(ref KeyWriter key);
}
