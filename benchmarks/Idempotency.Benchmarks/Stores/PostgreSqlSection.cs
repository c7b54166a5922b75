using System.Globalization;
using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Reporting;
using Idempotency.Storage;
using Idempotency.TestServers;
using Npgsql;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The PostgreSQL store beside bare statements of the same client, and beside pgbench, on the same server.</summary>
internal static class PostgreSqlSection
{
    private const int Keys = 200_000;
    private const string OwnByPgbench = "pgbench, its statements", PlainByPgbench = "pgbench, INSERT and UPDATE";

    /// <summary>A server that waits for its disk, is as it comes otherwise, and has the store's table.</summary>
    public static async Task<PostgreSqlServer> StartAsync()
    {
        var server = await PostgreSqlServer.StartAsync(
            null, "fsync=on", "synchronous_commit=on", "shared_buffers=128MB", "autovacuum_naptime=1min", "max_connections=300");
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var store = new PostgreSqlStore(source);
        await store.EnsureCreatedAsync();
        return server;
    }

    public static async Task RunAsync(Section section)
    {
        using var server = await StartAsync();
        var address = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        await using var source = NpgsqlDataSource.Create(address);
        var bare = await BarePostgreSql.LearnAsync(source, server.ConnectionString);
        using var pgbench = new Pgbench(server.Port, seconds: section.IsFull ? 2 : 1);
        section.Say(
            $"{Versions.OfProgram(Pgbench.Program, "--version")}, {Versions.Of<NpgsqlConnection>()}; `fsync` and `synchronous_commit` are on. A fresh call is a claim and its completion "
            + $"with 100 bytes, two commits; a duplicate finds them. A process has a pool of {PostgreSqlCalls.Pool} connections, and so many clients has `pgbench -M prepared` at most.");
        using (var comparison = await LoadComparison.StartAsync(section, "postgresql", server.ConnectionString))
        {
            comparison.Add(OwnByPgbench, callers => pgbench.OwnAsync(Math.Min(callers, PostgreSqlCalls.Pool), bare));
            comparison.Add(PlainByPgbench, callers => pgbench.PlainAsync(Math.Min(callers, PostgreSqlCalls.Pool)));
            await comparison.RunAsync(
                "PostgreSQL",
                section.IsFull ? [1, 8, 16, 64, 256] : [1, 8, 64],
                [
                    new(Calls.Duplicate, PostgreSqlCalls.SelectOne, static callers => callers switch { 1 => 0.90, 8 => 0.75, _ => null }),
                    new(Calls.Fresh, OwnByPgbench, static _ => 0.85),
                    new(Calls.Fresh, PlainByPgbench),
                    new(Calls.Fresh, PostgreSqlCalls.OwnStatements),
                    new(Calls.GuardedDuplicate, Calls.Duplicate),
                    new(Calls.GuardedFresh, Calls.Fresh),
                ],
                settle: () => ExecuteAsync(source, "CHECKPOINT"));
        }

        if (section.IsFull)
        {
            await ExecuteAsync(source, "TRUNCATE idempotency.records");
            address.Options = "-c synchronous_commit=off"; // whether a commit waits for the disk is nothing to the size
            await using var fast = NpgsqlDataSource.Create(address);
            await TellSizeAsync(section, fast);
        }
    }

    public static async Task ExecuteAsync(NpgsqlDataSource source, string text)
    {
        await using var command = source.CreateCommand(text);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Vacuums whenever a fifth has changed, as the server does by itself, only not by the clock.</summary>
    private static async Task TellSizeAsync(Section section, NpgsqlDataSource source)
    {
        await using var store = new PostgreSqlStore(source);
        using var calls = new Calls(store);
        var outcome = new StoredOutcome(isFailure: false, default);
        for (var part = 0; part < 5; part++)
        {
            await Parallel.ForAsync(0, Keys / 5, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) => await calls.FreshAsync(Calls.NewKey(), outcome));
            await ExecuteAsync(source, "VACUUM idempotency.records");
        }

        await ExecuteAsync(source, "CREATE TABLE only_ids (id bytea NOT NULL UNIQUE)");
        await ExecuteAsync(source, "INSERT INTO only_ids SELECT key FROM idempotency.records");
        var (used, ids) = (await BytesAsync(source, "idempotency.records"), await BytesAsync(source, "only_ids"));
        await ExecuteAsync(source, "VACUUM FULL idempotency.records");
        await ExecuteAsync(source, "VACUUM FULL only_ids");
        section.Say(
            $"A completed key without outcome takes {Figures.Bytes(used)} on disk, and {Figures.Bytes(await BytesAsync(source, "idempotency.records"))} after `VACUUM FULL`; "
            + $"in a table of ids with a unique index {Figures.Bytes(ids)}, and {Figures.Bytes(await BytesAsync(source, "only_ids"))}. Of {Keys:N0} keys.");
    }

    /// <summary>Of a row.</summary>
    private static async Task<double> BytesAsync(NpgsqlDataSource source, string table)
    {
        await using var command = source.CreateCommand($"SELECT pg_total_relation_size('{table}')::float8 / count(*) FROM {table}");
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
