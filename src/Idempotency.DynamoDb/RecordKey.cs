using Amazon.DynamoDBv2.Model;
using Idempotency.Keys;

namespace Idempotency.DynamoDb;

/// <summary>The primary key of an item.</summary>
internal readonly record struct RecordKey(string Operation, string Text)
{
    public static RecordKey Of(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new RecordKey(key.Operation, key.Text);
    }

    public Dictionary<string, AttributeValue> ToItem() => new()
    {
        [Attributes.Operation] = new AttributeValue { S = Operation },
        [Attributes.Key] = new AttributeValue { S = Text },
    };
}
