using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Idempotency.Keys;
using Idempotency.TestServers;

namespace Idempotency.DynamoDb.Tests;

/// <summary>A table of a server that all tests share. Every test has keys of its own.</summary>
internal static class TestTable
{
    public const string Name = "records";

    /// <summary>Some facts of the contract use the same keys each time, so every run of it has a table of its own.</summary>
    public const string WithItems = "records-with-items";

    /// <inheritdoc cref="WithItems"/>
    public const string WithoutItems = "records-without-items";

    private static readonly Lazy<Task<DynaliteServer>> s_server = new(StartAsync);
    private static readonly Lazy<Service> s_service = new(static () => new Service(Address));

    public static string Address => s_server.Value.GetAwaiter().GetResult().Address;

    /// <summary>What DynamoDB has and dynalite has not.</summary>
    public static Service Service => s_service.Value;

    /// <summary>A client of the shared server, or of another one.</summary>
    public static AmazonDynamoDBClient Client(Wire? wire = null, string? address = null, int repetitions = 2) =>
        new(new BasicAWSCredentials("test", "test"), new AmazonDynamoDBConfig
        {
            ServiceURL = address ?? Address,
            AuthenticationRegion = "us-east-1",
            HttpClientFactory = wire ?? new Wire(),
            MaxErrorRetry = repetitions,
        });

    public static DynamoDbStore Store(TimeProvider? time = null, Wire? wire = null, Action<DynamoDbStoreOptions>? configure = null)
    {
        var options = new DynamoDbStoreOptions { TableName = Name, ClockSkew = TimeSpan.Zero, PollInterval = TimeSpan.FromMilliseconds(50) };
        configure?.Invoke(options);
        return new DynamoDbStore(Client(wire), options, time);
    }

    public static IdempotencyKey NewKey() => IdempotencyKey.FromCanonical("dynamodb.charge", Guid.NewGuid().ToByteArray());

    /// <summary>The item as it is stored.</summary>
    public static async Task<Dictionary<string, AttributeValue>> ItemAsync(IdempotencyKey key)
    {
        using var client = Client();
        return (await client.GetItemAsync(new GetItemRequest { TableName = Name, Key = RecordKey.Of(key).ToItem(), ConsistentRead = true })).Item ?? [];
    }

    /// <summary>Changes an item as nobody should.</summary>
    public static async Task DamageAsync(IdempotencyKey key, string attribute, AttributeValue? value)
    {
        using var client = Client();
        var item = await ItemAsync(key);
        item.Remove(attribute);
        if (value is not null)
        {
            item[attribute] = value;
        }

        await client.PutItemAsync(new PutItemRequest { TableName = Name, Item = item });
    }

    public static Task DeleteAsync(IdempotencyKey key)
    {
        var client = Client();
        return client.DeleteItemAsync(new DeleteItemRequest { TableName = Name, Key = RecordKey.Of(key).ToItem() });
    }

    public static Task CreateAsync(IAmazonDynamoDB client, string name) => client.CreateTableAsync(new CreateTableRequest
    {
        TableName = name,
        BillingMode = BillingMode.PAY_PER_REQUEST,
        KeySchema = [new KeySchemaElement("operation", KeyType.HASH), new KeySchemaElement("key", KeyType.RANGE)],
        AttributeDefinitions = [new AttributeDefinition("operation", ScalarAttributeType.S), new AttributeDefinition("key", ScalarAttributeType.S)],
    });

    private static async Task<DynaliteServer> StartAsync()
    {
        var server = await DynaliteServer.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        using var client = Client(address: server.Address);
        foreach (var table in new[] { Name, WithItems, WithoutItems })
        {
            await CreateAsync(client, table);
            while ((await client.DescribeTableAsync(table)).Table.TableStatus != TableStatus.ACTIVE)
            {
                await Task.Yield();
            }
        }

        return server;
    }
}
