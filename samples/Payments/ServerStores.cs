using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Idempotency;
using Npgsql;
using StackExchange.Redis;

namespace Payments;

/// <summary>The stores that need a server. Their clients are not for trimmed and native builds, which leave this file out.</summary>
public abstract partial class SharedStore
{
    static partial void FindOnServer(string? name, string? address, string run, ref SharedStore? store) => store = name switch
    {
        "redis" => new SharedRedis(address ?? "localhost:6379", run),
        "postgres" => new SharedPostgreSql(address ?? "Host=localhost;Username=postgres;Database=postgres", run),
        "dynamo" => new SharedDynamoDb(address ?? "http://localhost:8000", run),
        _ => store,
    };
}

/// <summary>Keys with a prefix in Redis.</summary>
file sealed class SharedRedis(string address, string prefix) : SharedStore
{
    public override string Advice => "Start one on localhost:6379 with 'redis-server', or name yours: --at HOST:PORT.";

    public override void Use(IdempotencyBuilder idempotency) => idempotency.UseRedis(address, store => store.KeyPrefix = $"{prefix}:");

    public override async Task PrepareAsync()
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(address);
        await connection.GetDatabase().PingAsync();
    }

    public override async Task RemoveAsync()
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(address);
        var database = connection.GetDatabase();
        foreach (var server in connection.GetEndPoints().Select(server => connection.GetServer(server)))
        {
            foreach (var key in server.Keys(database.Database, $"{prefix}:*", pageSize: 1000))
            {
                await database.KeyDeleteAsync(key);
            }
        }
    }
}

/// <summary>A schema in PostgreSQL.</summary>
file sealed class SharedPostgreSql(string connectionString, string schema) : SharedStore
{
    public override string Advice =>
        """
        Start one with 'initdb -D data -U postgres' and 'postgres -D data', or name yours:
        --at "Host=…;Username=…;Password=…;Database=…".
        """;

    public override void Use(IdempotencyBuilder idempotency) => idempotency.UsePostgreSql(connectionString, store => store.Schema = schema);

    public override async Task PrepareAsync()
    {
        await using var store = new PostgreSqlStore(connectionString, new PostgreSqlStoreOptions { Schema = schema });
        await store.EnsureCreatedAsync();
    }

    public override async Task RemoveAsync()
    {
        await using var server = NpgsqlDataSource.Create(connectionString);
        await using var command = server.CreateCommand($"DROP SCHEMA {schema} CASCADE");
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A table in DynamoDB, or in something on this machine that speaks like it.</summary>
file sealed class SharedDynamoDb(string address, string table) : SharedStore
{
    public override string Advice => "Start a local one with 'npx dynalite --port 8000', or name yours: --at http://HOST:PORT.";

    public override void Use(IdempotencyBuilder idempotency) => idempotency.UseDynamoDb(_ => Connect(), store =>
    {
        store.TableName = table;
        store.PollInterval = TimeSpan.FromMilliseconds(50); // a charge takes 4 ms: whoever waits for one need not wait for long
    });

    public override async Task PrepareAsync()
    {
        using var client = Connect();
        try
        {
            await new DynamoDbStore(client, new DynamoDbStoreOptions { TableName = table }).EnsureTableAsync();
        }
        catch (AmazonDynamoDBException failure) when (failure.ErrorCode == "UnknownOperationException")
        {
            // The table is made. Emulators know no time to live, and a table that is removed in a minute does not need one.
        }
    }

    public override async Task RemoveAsync()
    {
        using var client = Connect();
        await client.DeleteTableAsync(table);
    }

    private AmazonDynamoDBClient Connect()
    {
        var config = new AmazonDynamoDBConfig { ServiceURL = address, Timeout = TimeSpan.FromSeconds(2), MaxErrorRetry = 1 };
        if (!new Uri(address).IsLoopback)
            return new AmazonDynamoDBClient(config);

        config.AuthenticationRegion = "us-east-1"; // a local one wants a region and credentials, and does not care which
        return new AmazonDynamoDBClient(new BasicAWSCredentials("local", "local"), config);
    }
}
