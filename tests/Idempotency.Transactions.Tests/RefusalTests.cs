using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>A database that is not set up is told at once, before the body, and nobody waits for it to mend itself.</summary>
public sealed class RefusalTests(DatabaseServer database) : IClassFixture<DatabaseServer>
{
    [Fact]
    public async Task A_table_that_is_missing_is_told_at_once()
    {
        using var store = new PostgreSqlStore(database.Source, new PostgreSqlStoreOptions { Table = "nowhere" });

        var refusal = await RefuseAsync(store);

        Assert.Contains("There is no table", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_does_not_exist_is_told_at_once()
    {
        using var store = new PostgreSqlStore(new NpgsqlConnectionStringBuilder(database.Source.ConnectionString) { Username = "nobody_at_all" }.ConnectionString);

        var refusal = await RefuseAsync(store);

        Assert.Contains("refuses the user or its password", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<StoreRefusedException> RefuseAsync(PostgreSqlStore store)
    {
        using var guard = IdempotencyGuard.Create(store);
        var shop = new Shop(guard);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => shop.OrderAsync("refused"));
        Assert.Equal(0, shop.Runs);
        return refusal;
    }
}
