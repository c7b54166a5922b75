using Idempotency;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Snippets.PostgreSql;

internal static class Startup
{
    public static void ConnectionString(IServiceCollection services, string connectionString)
    {
        #region postgresql-registration
        services.AddIdempotency()
            .UsePostgreSql(connectionString); // "Host=db;Database=shop;Username=shop;Password=…"
        #endregion
    }

    public static void DataSource(IServiceCollection services, NpgsqlDataSource dataSource)
    {
        #region postgresql-data-source
        services.AddSingleton(dataSource); // the application's own, and its pool
        services.AddIdempotency()
            .UsePostgreSql(provider => provider.GetRequiredService<NpgsqlDataSource>(), store =>
            {
                store.Schema = "shop";
                store.Table = "idempotency";
            });
        #endregion
    }

    public static void Pooler(IServiceCollection services, string connectionString)
    {
        #region postgresql-pooler
        services.AddIdempotency()
            .UsePostgreSql(connectionString + ";No Reset On Close=true", store =>
            {
                store.UseNotifications = false;  // waiters look every PollInterval instead
                store.PrepareStatements = false; // PgBouncer before 1.21 does not know them
            });
        #endregion
    }

    public static async Task CreateAsync(string connectionString)
    {
        #region postgresql-create
        await using var store = new PostgreSqlStore(connectionString);
        await store.EnsureCreatedAsync();
        #endregion
    }

    public static async Task PurgeAsync(PostgreSqlStore store, CancellationToken stopping)
    {
        #region postgresql-purge
        const int Batch = 1000;
        while (await store.PurgeAsync(Batch, stopping) == Batch)
        {
            // One short statement after the other, until nothing is left that has expired.
        }
        #endregion
    }
}
