using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Reporting;
using Npgsql;

namespace Idempotency.Benchmarks.Stores;

/// <summary>Calls in one transaction with their body, beside the transaction without a guard.</summary>
internal static class TransactionSection
{
    public static async Task RunAsync(Section section)
    {
        using var server = await PostgreSqlSection.StartAsync();
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await PostgreSqlSection.ExecuteAsync(source, "CREATE TABLE lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)");
        section.Say(
            "A body that inserts rows into PostgreSQL: in the transaction in which the key is claimed and completed, in one of its own between claim and completion, "
            + "and without a guard. Prepared statements, one round trip each; server and client as above.");
        using var comparison = await LoadComparison.StartAsync(section, "transactions", server.ConnectionString);
        await comparison.RunAsync(
            "In the body's own transaction",
            section.IsFull ? [1, 8, 16, 64, 256] : [1, 16],
            [
                .. new[] { 1, 4 }.SelectMany(static rows => new Pair[]
                {
                    new(TransactionCalls.Within(rows), TransactionCalls.Unguarded(rows), static _ => 0.85),
                    new(TransactionCalls.Within(rows), TransactionCalls.Beside(rows)),
                }),
                new(TransactionCalls.DuplicateWithin, TransactionCalls.DuplicateBeside),
            ],
            settle: () => PostgreSqlSection.ExecuteAsync(source, "CHECKPOINT"));
    }
}
