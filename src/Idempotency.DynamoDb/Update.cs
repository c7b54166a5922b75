using Amazon.DynamoDBv2.Model;

namespace Idempotency.DynamoDb;

/// <summary>What became of a conditional update.</summary>
/// <param name="IsApplied">Whether the condition held.</param>
/// <param name="Item">If not, the item that there is, if there is one.</param>
internal readonly record struct Update(bool IsApplied, Dictionary<string, AttributeValue>? Item)
{
    /// <summary>The record that there is, if there is one.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public StoredRecord? Record => Item is null ? null : StoredRecord.Read(Item);
}
