using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Idempotency.Keys;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The store's own requests, sent through the client without the store.</summary>
internal sealed class BareDynamoDb(IAmazonDynamoDB client, UpdateItemRequest claim, UpdateItemRequest complete)
{
    /// <summary>Learns the two updates of a fresh call by listening to one.</summary>
    public static async Task<BareDynamoDb> LearnAsync(IAmazonDynamoDB client, string address)
    {
        using var listener = new Listener(address);
        using var calls = new Calls(new DynamoDbStore(listener));
        await calls.FreshAsync(Calls.NewKey());
        return listener.Updates is [var claim, var complete]
            ? new BareDynamoDb(client, claim, complete)
            : throw new InvalidOperationException($"A fresh call took {listener.Updates.Count} updates; two are known here: a claim and a completion.");
    }

    public static AmazonDynamoDBConfig Configuration(string address) => new() { ServiceURL = address, AuthenticationRegion = "us-east-1" };

    public static BasicAWSCredentials Credentials() => new("bench", "bench");

    public Task<GetItemResponse> GetAsync(IdempotencyKey key) =>
        client.GetItemAsync(new GetItemRequest { TableName = claim.TableName, Key = ItemOf(key), ConsistentRead = true });

    public async Task FreshAsync(IdempotencyKey key)
    {
        await client.UpdateItemAsync(Of(claim, key));
        await client.UpdateItemAsync(Of(complete, key));
    }

    private static Dictionary<string, AttributeValue> ItemOf(IdempotencyKey key) => new()
    {
        ["operation"] = new AttributeValue { S = key.Operation },
        ["key"] = new AttributeValue { S = key.Text },
    };

    /// <summary>The request for another key. A stream is read once, so that each has its own.</summary>
    private static UpdateItemRequest Of(UpdateItemRequest learnt, IdempotencyKey key) => new()
    {
        TableName = learnt.TableName,
        Key = ItemOf(key),
        UpdateExpression = learnt.UpdateExpression,
        ConditionExpression = learnt.ConditionExpression,
        ExpressionAttributeNames = learnt.ExpressionAttributeNames,
        ExpressionAttributeValues = learnt.ExpressionAttributeValues.ToDictionary(
            static value => value.Key, static value => value.Value.B is { } bytes ? new AttributeValue { B = new MemoryStream(bytes.ToArray()) } : value.Value),
        ReturnValues = learnt.ReturnValues,
        ReturnValuesOnConditionCheckFailure = learnt.ReturnValuesOnConditionCheckFailure,
    };

    private sealed class Listener(string address) : AmazonDynamoDBClient(Credentials(), Configuration(address))
    {
        public List<UpdateItemRequest> Updates { get; } = [];

        public override Task<UpdateItemResponse> UpdateItemAsync(UpdateItemRequest request, CancellationToken cancellationToken = default)
        {
            Updates.Add(request);
            return base.UpdateItemAsync(request, cancellationToken);
        }
    }
}
