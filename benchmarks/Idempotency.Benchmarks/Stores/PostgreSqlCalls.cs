using Idempotency.Benchmarks.Load;
using Npgsql;

namespace Idempotency.Benchmarks.Stores;

/// <summary>Calls on a PostgreSQL store, and bare statements of the same client to the same server.</summary>
internal static class PostgreSqlCalls
{
    public const string SelectOne = "SELECT 1", OwnStatements = "its statements, bare";

    /// <summary>The connections of a process; a caller more waits for one.</summary>
    public const int Pool = 64;

    public static async Task ServeAsync(string address)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address) { MaxPoolSize = Pool });
        await using var store = new PostgreSqlStore(source);
        using var calls = new Calls(store);
        var bare = await BarePostgreSql.LearnAsync(source, address);
        var ways = await calls.WaysAsync();
        ways[SelectOne] = bare.SelectOneAsync;
        ways[OwnStatements] = () => bare.FreshAsync(Calls.NewKey());
        await LoadProcess.ServeAsync(ways);
    }
}
