using Amazon.DynamoDBv2;
using Idempotency.DynamoDb;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Idempotency;

/// <summary>Chooses DynamoDB as a store.</summary>
public static class DynamoDbIdempotencyBuilderExtensions
{
    /// <summary>
    /// Uses a table in DynamoDB, through the registered <see cref="IAmazonDynamoDB"/>. Where none is registered a client is made that
    /// finds region and credentials as the AWS SDK does, gives up a try after 2 seconds and repeats it up to 3 times.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="tableName">The table's name or ARN.</param>
    /// <param name="configure">Changes the other defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IdempotencyBuilder UseDynamoDb(this IdempotencyBuilder builder, string tableName, Action<DynamoDbStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(tableName);
        var name = builder.StoreName;
        builder.Services.TryAddKeyedSingleton<IAmazonDynamoDB>(OwnClient(name), static (_, _) => new AmazonDynamoDBClient(new AmazonDynamoDBConfig
        {
            Timeout = TimeSpan.FromSeconds(2), // the SDK's own, 100 seconds, is longer than any lease
            MaxErrorRetry = 3,
        }));
        return builder.UseDynamoDb(
            services => services.GetService<IAmazonDynamoDB>() ?? services.GetRequiredKeyedService<IAmazonDynamoDB>(OwnClient(name)),
            options =>
            {
                options.TableName = tableName;
                configure?.Invoke(options);
            });
    }

    /// <summary>Uses a table in DynamoDB through a client of yours, which is not disposed.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="client">The client; its own repetitions are welcome, and are bounded by <see cref="DynamoDbStoreOptions.CommandTimeout"/>.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UseDynamoDb(this IdempotencyBuilder builder, IAmazonDynamoDB client, Action<DynamoDbStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return builder.UseDynamoDb(_ => client, configure);
    }

    /// <summary>Uses a table in DynamoDB through a client that is asked for when the guard is first used.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="client">Finds or makes the client; the store does not dispose it.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UseDynamoDb(
        this IdempotencyBuilder builder, Func<IServiceProvider, IAmazonDynamoDB> client, Action<DynamoDbStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(client);
        var (services, name) = (builder.Services, builder.StoreName);
        var options = services.AddOptions<DynamoDbStoreOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DynamoDbStoreOptions>, DynamoDbStoreOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IdempotencyOptions>, ResultSizeValidator>());
        return builder.UseStore(provider => new DynamoDbStore(
            client(provider), provider.GetRequiredService<IOptionsMonitor<DynamoDbStoreOptions>>().Get(name), provider.GetService<TimeProvider>()));
    }

    /// <summary>The key of a client that nobody else asks for by accident.</summary>
    private static string OwnClient(string store) => "Idempotency.DynamoDb:" + store;
}
