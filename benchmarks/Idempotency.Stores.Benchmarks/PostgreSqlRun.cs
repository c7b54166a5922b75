using System.Globalization;
using Idempotency.Storage;
using Idempotency.TestServers;
using Npgsql;

namespace Idempotency.StoresBenchmarks;

/// <summary>The PostgreSQL store beside bare statements of the same client, and beside pgbench, on the same server.</summary>
internal sealed class PostgreSqlRun(Calls store, BarePostgreSql bare, Pgbench pgbench)
{
    /// <summary>Connections; a caller more waits for one, and pgbench has as many.</summary>
    public const int Pool = 64;

    private const int Keys = 200_000;

    /// <summary>One that waits for its disk, and is as it comes otherwise.</summary>
    public static Task<PostgreSqlServer> StartAsync() =>
        PostgreSqlServer.StartAsync(null, "fsync=on", "synchronous_commit=on", "shared_buffers=128MB", "autovacuum_naptime=1min");

    public static async Task RunAsync()
    {
        using var server = await StartAsync();
        var address = new NpgsqlConnectionStringBuilder(server.ConnectionString) { MaxPoolSize = Pool };
        await using var source = NpgsqlDataSource.Create(address);
        await using var guarded = new PostgreSqlStore(source);
        await guarded.EnsureCreatedAsync();
        using var pgbench = new Pgbench(server.Port);
        using var store = new Calls(guarded);
        var run = new PostgreSqlRun(store, await BarePostgreSql.LearnAsync(source, server.ConnectionString), pgbench);
        Report.Begin(
            "PostgreSQL, with fsync and synchronous_commit on. A fresh call is a claim and its completion with 100 bytes; a duplicate finds them. "
            + $"Bare is the same client, on the same pool of {Pool} connections; pgbench -M prepared has one connection for each caller, {Pool} at most.");
        foreach (var callers in new[] { 1, 8, 16, 64, 256 })
        {
            await run.CompareAsync(callers);
            await ExecuteAsync(source, "TRUNCATE idempotency.records");
            await ExecuteAsync(source, "CHECKPOINT");
        }

        // Whether a commit waits for the disk is nothing to the size.
        address.Options = "-c synchronous_commit=off";
        await using var fast = NpgsqlDataSource.Create(address);
        await SizeAsync(fast);
    }

    public static async Task ExecuteAsync(NpgsqlDataSource source, string text)
    {
        await using var command = source.CreateCommand(text);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private async Task CompareAsync(int callers)
    {
        var (duplicate, name, clients) = (Calls.NewKey(), Calls.NewName(), Math.Min(callers, Pool));
        await store.FreshAsync(duplicate);
        await store.GuardAsync(name);
        var rates = await Load.MediansAsync(
            Of(bare.SelectOneAsync),
            Of(() => store.ClaimAsync(duplicate)),
            () => pgbench.OwnAsync(clients, bare),
            Of(() => store.FreshAsync(Calls.NewKey())),
            () => pgbench.PlainAsync(clients),
            Of(() => bare.FreshAsync(Calls.NewKey())),
            Of(() => store.GuardAsync(name)),
            Of(() => store.GuardAsync(Calls.NewName())));
        Report.Tell("duplicate, store", callers, rates[1], "SELECT 1", rates[0], callers switch { 1 => 0.90, 8 => 0.75, _ => null });
        Report.Tell("fresh, store", callers, rates[3], "pgbench, its statements", rates[2], 0.85);
        Report.Tell("fresh, store", callers, rates[3], "pgbench, INSERT and UPDATE", rates[4], null);
        Report.Tell("fresh, store", callers, rates[3], "its statements, bare", rates[5], null);
        Report.Tell("duplicate, guard", callers, rates[6], "SELECT 1", rates[0], null);
        Report.Tell("fresh, guard", callers, rates[7], "its statements, bare", rates[5], null);

        Func<Task<double>> Of(Func<Task> call) => () => Load.MeasureAsync(callers, call);
    }

    /// <summary>Vacuums whenever a fifth has changed, as the server does by itself, only not by the clock.</summary>
    private static async Task SizeAsync(NpgsqlDataSource source)
    {
        await using var store = new PostgreSqlStore(source);
        using var calls = new Calls(store);
        var outcome = new StoredOutcome(isFailure: false, default);
        for (var part = 0; part < 5; part++)
        {
            await Parallel.ForAsync(0, Keys / 5, new ParallelOptions { MaxDegreeOfParallelism = Pool }, async (_, _) => await calls.FreshAsync(Calls.NewKey(), outcome));
            await ExecuteAsync(source, "VACUUM idempotency.records");
        }

        await ExecuteAsync(source, "CREATE TABLE ids (id bytea NOT NULL UNIQUE)");
        await ExecuteAsync(source, "INSERT INTO ids SELECT key FROM idempotency.records");
        await TellAsync("a million completed keys, without outcome");
        await ExecuteAsync(source, "VACUUM FULL idempotency.records");
        await ExecuteAsync(source, "VACUUM FULL ids");
        await TellAsync("the same after VACUUM FULL");

        async Task TellAsync(string what) => Report.TellSize(
            what, await MegabytesAsync(source, "idempotency.records"), "a table of ids with a unique index", await MegabytesAsync(source, "ids"));
    }

    /// <summary>Of a million keys, when the table has <see cref="Keys"/>.</summary>
    private static async Task<double> MegabytesAsync(NpgsqlDataSource source, string table)
    {
        await using var command = source.CreateCommand($"SELECT pg_total_relation_size('{table}')::float8 / count(*) FROM {table}");
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture); // bytes a key are megabytes a million
    }
}
