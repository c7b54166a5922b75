using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>A server, shared by the tests that do not harm it, with a table of effects.</summary>
public sealed class DatabaseServer : IAsyncLifetime
{
    public PostgreSqlServer Server { get; private set; } = null!;

    /// <summary>For what tests do beside the store.</summary>
    public NpgsqlDataSource Source { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await PostgreSqlServer.StartAsync(clock: null, "deadlock_timeout=20ms");
        Source = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var store = new PostgreSqlStore(Source);
        await store.EnsureCreatedAsync();
        await ExecuteAsync("CREATE TABLE effects (key text NOT NULL, id uuid NOT NULL); CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL)");
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        Server.Dispose();
    }

    public async Task ExecuteAsync(string text)
    {
        await using var command = Source.CreateCommand(text);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the rows, as text.</summary>
    public async Task<List<string>> AskAsync(string text)
    {
        await using var command = Source.CreateCommand(text);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add($"{reader.GetValue(0)}");
        }

        return rows;
    }

    public async Task<List<string>> EffectsAsync(string key) => await AskAsync($"SELECT id FROM effects WHERE key = '{key}'");
}
