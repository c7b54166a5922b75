using Amazon.DynamoDBv2;
using Idempotency.Benchmarks.Load;

namespace Idempotency.Benchmarks.Stores;

/// <summary>Calls on a DynamoDB store, and bare requests of the same client to the same server.</summary>
internal static class DynamoDbCalls
{
    public const string GetItem = "GetItem", TwoUpdates = "its two UpdateItem, bare";

    public static async Task ServeAsync(string address)
    {
        using var client = new AmazonDynamoDBClient(BareDynamoDb.Credentials(), BareDynamoDb.Configuration(address));
        using var calls = new Calls(new DynamoDbStore(client));
        var bare = await BareDynamoDb.LearnAsync(client, address);
        var ways = await calls.WaysAsync();
        var known = Calls.NewKey();
        await calls.FreshAsync(known);
        ways[GetItem] = () => bare.GetAsync(known);
        ways[TwoUpdates] = () => bare.FreshAsync(Calls.NewKey());
        await LoadProcess.ServeAsync(ways);
    }
}
