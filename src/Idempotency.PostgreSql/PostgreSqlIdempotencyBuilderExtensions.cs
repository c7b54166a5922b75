using Idempotency.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Idempotency;

/// <summary>Chooses PostgreSQL as a store.</summary>
public static class PostgreSqlIdempotencyBuilderExtensions
{
    /// <summary>Uses a table of the database that the connection string names. Nothing is opened before the store is first used.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">Of Npgsql. The store has a pool of its own.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The connection string is empty or not understood.</exception>
    public static IdempotencyBuilder UsePostgreSql(
        this IdempotencyBuilder builder, string connectionString, Action<PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        _ = new NpgsqlConnectionStringBuilder(connectionString); // says now what it does not understand, and not at the first call
        return builder.UsePostgreSql((services, options) => new PostgreSqlStore(
            connectionString, options, services.GetService<TimeProvider>(), services.GetService<ILoggerFactory>()), configure);
    }

    /// <summary>Uses a table of the database that the data source leads to, and its pool. The data source is not disposed.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">The data source; of a primary, when there are replicas.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UsePostgreSql(
        this IdempotencyBuilder builder, NpgsqlDataSource dataSource, Action<PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgreSql(_ => dataSource, configure);
    }

    /// <summary>Uses a table of the database that a data source leads to which the services know. It is not disposed.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">Finds the data source, when the store is first asked for.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UsePostgreSql(
        this IdempotencyBuilder builder, Func<IServiceProvider, NpgsqlDataSource> dataSource, Action<PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgreSql((services, options) => new PostgreSqlStore(
            dataSource(services), options, services.GetService<TimeProvider>(), services.GetService<ILoggerFactory>()), configure);
    }

    private static IdempotencyBuilder UsePostgreSql(
        this IdempotencyBuilder builder,
        Func<IServiceProvider, PostgreSqlStoreOptions, PostgreSqlStore> make,
        Action<PostgreSqlStoreOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.StoreName;
        var options = builder.Services.AddOptions<PostgreSqlStoreOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgreSqlStoreOptions>, PostgreSqlStoreOptionsValidator>());
        return builder.UseStore(services => make(services, services.GetRequiredService<IOptionsMonitor<PostgreSqlStoreOptions>>().Get(name)));
    }
}
