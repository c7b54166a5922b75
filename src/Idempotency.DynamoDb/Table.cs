using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Idempotency.DynamoDb;

/// <summary>The table as the store uses it: reads where it is written, and conditional updates.</summary>
internal sealed class Table(IAmazonDynamoDB client, string name)
{
    /// <summary>The item as it is now; <see langword="null"/> when there is none.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="attributes">The attributes that are wanted, as placeholders; all when absent.</param>
    public async Task<Dictionary<string, AttributeValue>?> ReadAsync(RecordKey key, Deadline deadline, string? attributes = null)
    {
        var request = new GetItemRequest { TableName = name, Key = key.ToItem(), ConsistentRead = true };
        if (attributes is not null)
        {
            (request.ProjectionExpression, request.ExpressionAttributeNames) = (attributes, Command.NamesIn(attributes));
        }

        var answer = await SendAsync(deadline, token => client.GetItemAsync(request, token)).ConfigureAwait(false);
        return answer.Item is { Count: > 0 } item ? item : null;
    }

    /// <summary>Updates the item if the condition holds, and otherwise says what there is.</summary>
    public async Task<Update> UpdateAsync(Command command, RecordKey key, RecordValues values, Deadline deadline)
    {
        try
        {
            await SendAsync(deadline, token => client.UpdateItemAsync(command.ToRequest(name, key, values.All), token)).ConfigureAwait(false);
            return new Update(IsApplied: true, null);
        }
        catch (ConditionalCheckFailedException failure)
        {
            // Perhaps because an earlier copy of this very request was applied and its answer lost: the record tells. Not every
            // service sends it along.
            var item = failure.Item is { Count: > 0 } sent ? sent : await ReadAsync(key, deadline).ConfigureAwait(false);
            return new Update(IsApplied: false, item);
        }
    }

    private async Task<TAnswer> SendAsync<TAnswer>(Deadline deadline, Func<CancellationToken, Task<TAnswer>> send)
    {
        try
        {
            return await deadline.SendAsync(send).ConfigureAwait(false);
        }
        catch (Exception failure) when (Failures.Explain(failure, client, name) is { } explained)
        {
            // What the client throws says what the service said, and not what to do about it.
            throw explained;
        }
    }
}
