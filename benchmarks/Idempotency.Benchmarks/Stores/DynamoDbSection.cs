using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Reporting;
using Idempotency.TestServers;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The DynamoDB store beside bare requests of the same client to the same server.</summary>
internal static class DynamoDbSection
{
    public static async Task RunAsync(Section section)
    {
        using var server = await DynaliteServer.StartAsync();
        using var client = new AmazonDynamoDBClient(BareDynamoDb.Credentials(), BareDynamoDb.Configuration(server.Address));
        await CreateTableAsync(client, new DynamoDbStoreOptions().TableName);
        section.Say(
            $"dynalite on Node.js {Versions.OfProgram("node", "--version")}, {Versions.Of<AmazonDynamoDBClient>()}. dynalite, an imitation in one thread, is the bottleneck: the ratios say what the "
            + "store adds, and the rates nothing about the real one. It does not send the item along with a refusal, as the real one does, so that a duplicate that claims first is "
            + "two requests here, and one there.");
        using var comparison = await LoadComparison.StartAsync(section, "dynamodb", server.Address);
        await comparison.RunAsync(
            "DynamoDB (dynalite)",
            section.IsFull ? [1, 8, 16, 64] : [1, 16],
            [
                new(Calls.Duplicate, DynamoDbCalls.GetItem, static _ => 0.90),
                new(Calls.Fresh, DynamoDbCalls.TwoUpdates, static _ => 0.90),
                new(Calls.GuardedDuplicate, Calls.Duplicate),
                new(Calls.GuardedFresh, Calls.Fresh),
            ]);
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
            await Task.Delay(20); // asked again until it says so
        }
    }
}
