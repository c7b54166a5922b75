using System.Text.Json.Serialization.Metadata;

namespace Idempotency.Serialization;

/// <summary>A result that was found whole, with what reads it: all that there is to do for its next duplicate is reading.</summary>
/// <param name="contracts">Who has found the contract.</param>
/// <param name="own">The contract that the operation had brought along, if it did.</param>
/// <param name="contract">What reads the result.</param>
/// <param name="json">The result.</param>
internal sealed class OpenedJson<TResult>(
    JsonContracts contracts, JsonTypeInfo<TResult>? own, JsonTypeInfo<TResult> contract, ReadOnlyMemory<byte> json)
{
    public JsonTypeInfo<TResult> Contract => contract;

    public ReadOnlyMemory<byte> Json => json;

    /// <summary>Whether another would be read in the same way: guards and operations that share a store may have contracts of their own.</summary>
    public bool IsFor(JsonContracts others, JsonTypeInfo<TResult>? othersOwn) => ReferenceEquals(contracts, others) && ReferenceEquals(own, othersOwn);
}
