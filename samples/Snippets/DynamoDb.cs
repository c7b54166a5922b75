using Amazon.DynamoDBv2;
using Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets.DynamoDb;

internal static class Startup
{
    public static void Minimal(IServiceCollection services)
    {
        #region dynamodb-registration
        services.AddIdempotency()
            .UseDynamoDb("idempotency"); // the registered IAmazonDynamoDB, or one that finds region and credentials by itself
        services.AddHealthChecks()
            .AddIdempotencyStore();
        #endregion
    }

    public static void WithOptions(IServiceCollection services, IAmazonDynamoDB client)
    {
        #region dynamodb-options
        services.AddIdempotency()
            .UseDynamoDb(client, store =>
            {
                store.TableName = "shop-idempotency";
                store.ClockSkew = TimeSpan.FromSeconds(30);          // how far the machines' clocks may differ
                store.PollInterval = TimeSpan.FromSeconds(1);        // how often a record is looked at while somebody waits
                store.CommandTimeout = TimeSpan.FromSeconds(3);      // for a call, the client's repetitions included
            });
        #endregion
    }

    public static async Task MakeTableAsync(IAmazonDynamoDB client)
    {
        #region dynamodb-table
        await new DynamoDbStore(client, new DynamoDbStoreOptions { TableName = "idempotency" }).EnsureTableAsync();
        #endregion
    }

    public static void HealthChecks(IServiceCollection services)
    {
        #region health-checks
        services.AddIdempotency()
            .AddStore("payments", store => store.UseFileStore("/var/lib/shop/payments"));
        services.AddHealthChecks()
            .AddIdempotencyStore(tags: ["ready"])
            .AddIdempotencyStore("payments", name: "idempotency-payments", timeout: TimeSpan.FromSeconds(2));
        #endregion
    }
}
