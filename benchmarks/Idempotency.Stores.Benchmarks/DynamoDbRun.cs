using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Idempotency.TestServers;

namespace Idempotency.StoresBenchmarks;

/// <summary>The DynamoDB store beside bare requests of the same client to the same server.</summary>
internal sealed class DynamoDbRun(Calls store, BareDynamoDb bare)
{
    public static async Task RunAsync()
    {
        using var server = await DynaliteServer.StartAsync();
        using var client = new AmazonDynamoDBClient(BareDynamoDb.Credentials(), BareDynamoDb.Configuration(server.Address));
        await CreateTableAsync(client, new DynamoDbStoreOptions().TableName);
        using var store = new Calls(new DynamoDbStore(client));
        var run = new DynamoDbRun(store, await BareDynamoDb.LearnAsync(client, server.Address));
        Report.Begin(
            "DynamoDB, as dynalite has it, which is the bottleneck: the ratios say what the store adds, and the rates nothing about the real one. A fresh call is "
            + "a claim and its completion with 100 bytes; a duplicate finds them. Bare is the same client. dynalite does not send the item along with a refusal, as "
            + "the real one does, so a duplicate is two requests here, and one there.");
        foreach (var callers in new[] { 1, 8, 16 })
        {
            await run.CompareAsync(callers);
        }
    }

    private async Task CompareAsync(int callers)
    {
        var (duplicate, name) = (Calls.NewKey(), Calls.NewName());
        await store.FreshAsync(duplicate);
        await store.GuardAsync(name);
        var rates = await Load.CompareAsync(
            callers,
            () => bare.GetAsync(duplicate),
            () => store.ClaimAsync(duplicate),
            () => bare.RefusedAsync(duplicate),
            () => bare.FreshAsync(Calls.NewKey()),
            () => store.FreshAsync(Calls.NewKey()),
            () => store.GuardAsync(name),
            () => store.GuardAsync(Calls.NewName()));
        Report.Tell("duplicate, store", callers, rates[1], "GetItem", rates[0], 0.90);
        Report.Tell("duplicate, store", callers, rates[1], "its refused UpdateItem and GetItem, bare", rates[2], null);
        Report.Tell("fresh, store", callers, rates[4], "its two UpdateItem, bare", rates[3], 0.90);
        Report.Tell("duplicate, guard", callers, rates[5], "GetItem", rates[0], null);
        Report.Tell("fresh, guard", callers, rates[6], "its two UpdateItem, bare", rates[3], null);
    }

    /// <summary>The store itself would also let the server delete what has expired, which dynalite cannot be told.</summary>
    private static async Task CreateTableAsync(AmazonDynamoDBClient client, string name)
    {
        await client.CreateTableAsync(new CreateTableRequest
        {
            TableName = name,
            BillingMode = BillingMode.PAY_PER_REQUEST,
            KeySchema = [new KeySchemaElement("operation", KeyType.HASH), new KeySchemaElement("key", KeyType.RANGE)],
            AttributeDefinitions = [new AttributeDefinition("operation", ScalarAttributeType.S), new AttributeDefinition("key", ScalarAttributeType.S)],
        });
        while ((await client.DescribeTableAsync(name)).Table.TableStatus != TableStatus.ACTIVE)
        {
            await Task.Delay(20);
        }
    }
}
