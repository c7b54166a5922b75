using Idempotency.Benchmarks.Load;
using Npgsql;
using NpgsqlTypes;

namespace Idempotency.Benchmarks.Stores;

/// <summary>Calls that claim, work and complete in one transaction, and the same transaction without a guard.</summary>
internal sealed class TransactionCalls(NpgsqlDataSource source, IdempotencyGuard guard)
{
    public const string DuplicateWithin = "duplicate, same transaction", DuplicateBeside = "duplicate, no transaction";

    private static readonly IdempotentOperation<int> s_within = new("bench.within") { Transaction = typeof(NpgsqlTransaction) };
    private static readonly IdempotentOperation<int> s_beside = new("bench.beside");

    private int _refused;

    public static string Unguarded(int rows) => $"unguarded, {Rows(rows)}";

    public static string Within(int rows) => $"same transaction, {Rows(rows)}";

    public static string Beside(int rows) => $"its own transactions, {Rows(rows)}";

    public static async Task ServeAsync(string address)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address) { MaxPoolSize = PostgreSqlCalls.Pool });
        await using var store = new PostgreSqlStore(source);
        using var guard = IdempotencyGuard.Create(store);
        var calls = new TransactionCalls(source, guard);
        var name = Calls.NewName();
        await calls.WithinAsync(name, 1);
        await calls.BesideAsync(name, 1);
        var ways = new Dictionary<string, Func<Task>>
        {
            [DuplicateWithin] = () => calls.WithinAsync(name, 1),
            [DuplicateBeside] = () => calls.BesideAsync(name, 1),
        };
        foreach (var rows in new[] { 1, 4 })
        {
            ways[Unguarded(rows)] = () => calls.BareAsync(rows);
            ways[Within(rows)] = () => calls.WithinAsync(Calls.NewName(), rows);
            ways[Beside(rows)] = () => calls.BesideAsync(Calls.NewName(), rows);
        }

        await LoadProcess.ServeAsync(ways);
        if (calls._refused > 0)
        {
            await Console.Error.WriteLineAsync($"{calls._refused} calls in the same transaction were refused as already running.");
        }
    }

    private static string Rows(int rows) => rows == 1 ? "1 row" : $"{rows} rows";

    private async Task<int> WithinAsync(string name, int rows)
    {
        try
        {
            return await guard.RunAsync(s_within, name, context => InsertAsync(context.GetTransaction<NpgsqlTransaction>(), rows));
        }
        catch (OperationInProgressException)
        {
            // Another duplicate asks at this moment. That does not end the run, and is told at its end; few of them change no rate.
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
