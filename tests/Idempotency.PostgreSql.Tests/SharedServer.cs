using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>One server for the tests that do not harm it, whose clock they may move: so they run one after the other.</summary>
[CollectionDefinition(nameof(SharedServer))]
public sealed class SharedServer : IAsyncLifetime, ICollectionFixture<SharedServer>
{
    private int _tables;

    public ServerClock Clock { get; } = new();

    public PostgreSqlServer Server { get; private set; } = null!;

    /// <summary>For what tests do beside the store.</summary>
    public NpgsqlDataSource Source { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await PostgreSqlServer.StartAsync(Clock);
        Source = NpgsqlDataSource.Create(Server.ConnectionString + ";Maximum Pool Size=150");
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        Server.Dispose();
        Clock.Dispose();
    }

    /// <summary>Options for a table that no other test uses.</summary>
    public PostgreSqlStoreOptions NewTable() => new()
    {
        Table = $"records_{Interlocked.Increment(ref _tables)}",
        PurgeInterval = TimeSpan.Zero, // whose tests move the time say themselves what is removed when
    };

    /// <summary>Runs a statement, and gives the first column of its first row.</summary>
    public async Task<object?> AskAsync(string text)
    {
        await using var command = Source.CreateCommand(text);
        return await command.ExecuteScalarAsync();
    }
}
