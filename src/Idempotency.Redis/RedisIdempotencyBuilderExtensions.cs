using Idempotency.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Idempotency;

/// <summary>Chooses Redis as the store.</summary>
public static class RedisIdempotencyBuilderExtensions
{
    /// <summary>Uses Redis through a connection of the store's own, made when it is first needed.</summary>
    /// <param name="builder">What <c>AddIdempotency</c> returned.</param>
    /// <param name="configuration">
    /// An address such as <c>localhost:6379</c>, several separated by commas, with options as StackExchange.Redis reads them.
    /// </param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The configuration is empty, names no server, or cannot be read.</exception>
    public static IdempotencyBuilder UseRedis(this IdempotencyBuilder builder, string configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var connect = RedisConnector.To(configuration);
        return builder.UseRedis(_ => connect, configure);
    }

    /// <summary>Uses Redis through a connection that the application has already. The store never closes it.</summary>
    /// <param name="builder">What <c>AddIdempotency</c> returned.</param>
    /// <param name="connection">The connection. Give the store one of its own where <see cref="RedisStoreOptions.MinReplicas"/> is set.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UseRedis(this IdempotencyBuilder builder, IConnectionMultiplexer connection, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        return builder.UseRedis(_ => RedisConnector.Given(connection), configure);
    }

    /// <summary>Uses Redis through a connection that is a service of the application. The store never closes it.</summary>
    /// <param name="builder">What <c>AddIdempotency</c> returned.</param>
    /// <param name="connection">Finds the connection, for example <c>services => services.GetRequiredService&lt;IConnectionMultiplexer&gt;()</c>.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UseRedis(
        this IdempotencyBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> connection, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        return builder.UseRedis(services => RedisConnector.Given(connection(services)), configure);
    }

    private static IdempotencyBuilder UseRedis(
        this IdempotencyBuilder builder, Func<IServiceProvider, RedisConnector> connector, Action<RedisStoreOptions>? configure)
    {
        var options = builder.Services.AddOptions<RedisStoreOptions>(builder.StoreName).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisStoreOptions>, RedisStoreOptionsValidator>());
        return builder.UseStore(services => new RedisStore(
            connector(services),
            services.GetRequiredService<IOptionsMonitor<RedisStoreOptions>>().Get(builder.StoreName),
            services.GetService<TimeProvider>(),
            services.GetService<ILoggerFactory>()));
    }
}
