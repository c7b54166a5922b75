using Idempotency.Keys;
using Npgsql;
using NpgsqlTypes;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The store's own statements, sent through the client without the store, on connections of the same pool.</summary>
internal sealed class BarePostgreSql(NpgsqlDataSource source, string claim, string complete)
{
    private static readonly byte[] s_outcome = new byte[100];

    /// <summary>Takes a key that has no record; otherwise tells the record.</summary>
    public string Claim => claim;

    /// <summary>Completes the key for its owner.</summary>
    public string Complete => complete;

    /// <summary>Learns the statements from the server, which has prepared them for a call.</summary>
    public static async Task<BarePostgreSql> LearnAsync(NpgsqlDataSource source, string connectionString)
    {
        // A pool of one, so that this is the connection on which they are.
        await using var one = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 1 });
        await using var store = new PostgreSqlStore(one);
        using var calls = new Calls(store);
        await calls.FreshAsync(Calls.NewKey());
        await using var command = one.CreateCommand("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time");
        await using var reader = await command.ExecuteReaderAsync();
        var statements = new List<string>();
        while (await reader.ReadAsync())
        {
            statements.Add(reader.GetString(0));
        }

        return statements is [var claim, var complete]
            ? new BarePostgreSql(source, claim, complete)
            : throw new InvalidOperationException($"A fresh call took {statements.Count} statements; two are known here: a claim and a completion.");
    }

    public async Task SelectOneAsync()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await command.PrepareAsync();
        await command.ExecuteScalarAsync();
    }

    public async Task FreshAsync(IdempotencyKey key)
    {
        var token = Guid.NewGuid();
        var fence = await ClaimAsync(key, token);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(complete, connection)
        {
            Parameters =
            {
                Of(Convert.FromHexString(key.Text), NpgsqlDbType.Bytea), Of(Calls.Operation, NpgsqlDbType.Text), Of(token, NpgsqlDbType.Uuid), Of(fence, NpgsqlDbType.Bigint),
                Of(3_600_000_000L, NpgsqlDbType.Bigint), Of('C', NpgsqlDbType.InternalChar), Of(s_outcome, NpgsqlDbType.Bytea),
            },
        };
        await command.PrepareAsync();
        if (await command.ExecuteScalarAsync() is not "accepted")
        {
            throw new InvalidOperationException("The statements of the store are not used as the store uses them.");
        }
    }

    private async Task<long> ClaimAsync(IdempotencyKey key, Guid token)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(claim, connection)
        {
            Parameters =
            {
                Of(Convert.FromHexString(key.Text), NpgsqlDbType.Bytea), Of(Calls.Operation, NpgsqlDbType.Text), Of(token, NpgsqlDbType.Uuid),
                Of(30_000_000L, NpgsqlDbType.Bigint), Of(true, NpgsqlDbType.Boolean), Of(Array.Empty<byte>(), NpgsqlDbType.Bytea),
            },
        };
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return reader.GetInt64(2);
    }

    private static NpgsqlParameter<TValue> Of<TValue>(TValue value, NpgsqlDbType type) => new() { TypedValue = value, NpgsqlDbType = type };
}
