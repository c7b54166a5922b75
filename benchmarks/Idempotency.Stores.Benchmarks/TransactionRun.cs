using Npgsql;
using NpgsqlTypes;

namespace Idempotency.StoresBenchmarks;

/// <summary>Calls that claim, work and complete in one transaction, beside the same transaction without a guard.</summary>
internal sealed class TransactionRun(NpgsqlDataSource source, IdempotencyGuard guard)
{
    private static readonly IdempotentOperation<int> s_within = new("bench.within") { Transaction = typeof(NpgsqlTransaction) };
    private static readonly IdempotentOperation<int> s_beside = new("bench.beside");

    private int _refused;

    public static async Task RunAsync()
    {
        using var server = await PostgreSqlRun.StartAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { MaxPoolSize = PostgreSqlRun.Pool });
        await using var store = new PostgreSqlStore(source);
        await store.EnsureCreatedAsync();
        await PostgreSqlRun.ExecuteAsync(source, "CREATE TABLE lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)");
        using var guard = IdempotencyGuard.Create(store);
        var run = new TransactionRun(source, guard);
        Report.Begin(
            "PostgreSQL, with fsync and synchronous_commit on, and a body that inserts rows: in the transaction in which the key is claimed and completed, in "
            + $"one of its own between claim and completion, and without a guard. Prepared statements, one round trip each, a pool of {PostgreSqlRun.Pool} connections.");
        foreach (var callers in new[] { 1, 8, 16, 64, 256 })
        {
            await run.CompareAsync(callers);
            await PostgreSqlRun.ExecuteAsync(source, "TRUNCATE idempotency.records, lines");
            await PostgreSqlRun.ExecuteAsync(source, "CHECKPOINT");
        }

        Console.WriteLine($"\nCalls in the same transaction that were refused as already running, although their keys were new or completed: {run._refused}.");
    }

    private async Task CompareAsync(int callers)
    {
        var name = Calls.NewName();
        await WithinAsync(name, 1);
        await BesideAsync(name, 1);
        var rates = await Load.CompareAsync(
            callers,
            () => BareAsync(1),
            () => WithinAsync(Calls.NewName(), 1),
            () => BesideAsync(Calls.NewName(), 1),
            () => BareAsync(4),
            () => WithinAsync(Calls.NewName(), 4),
            () => BesideAsync(Calls.NewName(), 4),
            () => WithinAsync(name, 1),
            () => BesideAsync(name, 1));
        Report.Tell("fresh, one row, same transaction", callers, rates[1], "unguarded", rates[0], null);
        Report.Tell("fresh, one row, same transaction", callers, rates[1], "guarded, its own transaction", rates[2], null);
        Report.Tell("fresh, four rows, same transaction", callers, rates[4], "unguarded", rates[3], null);
        Report.Tell("fresh, four rows, same transaction", callers, rates[4], "guarded, its own transaction", rates[5], null);
        Report.Tell("duplicate, same transaction", callers, rates[6], "guarded, its own transaction", rates[7], null);
    }

    private async Task<int> WithinAsync(string name, int rows)
    {
        try
        {
            return await guard.RunAsync(s_within, name, context => InsertAsync(context.GetTransaction<NpgsqlTransaction>(), rows));
        }
        catch (OperationInProgressException)
        {
            // Nobody else has the key. That does not end the run, and is told at its end; few of them change no rate.
            Interlocked.Increment(ref _refused);
            return 0;
        }
    }

    private Task<int> BesideAsync(string name, int rows) => guard.RunAsync(s_beside, name, _ => BareAsync(rows));

    private async Task<int> BareAsync(int rows)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await InsertAsync(transaction, rows);
        await transaction.CommitAsync();
        return rows;
    }

    private static async Task<int> InsertAsync(NpgsqlTransaction transaction, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            await using var command = new NpgsqlCommand("INSERT INTO lines (what) VALUES ($1)", transaction.Connection, transaction)
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = "a line of an order", NpgsqlDbType = NpgsqlDbType.Text } },
            };
            await command.PrepareAsync();
            await command.ExecuteNonQueryAsync();
        }

        return rows;
    }
}
