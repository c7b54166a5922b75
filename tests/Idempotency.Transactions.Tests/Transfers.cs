using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>A body that leaves a row and moves two counters, in an order that makes deadlocks, and fails every fifth time.</summary>
public sealed partial class Transfers(IdempotencyGuard guard)
{
    public const int Counters = 6;

    private int _runs;

    public int Runs => _runs;

    [Idempotent(OnDuplicate = OnDuplicate.Wait, WaitTimeout = "10s")]
    public partial Task<Guid> MoveAsync(int key, CancellationToken cancellationToken = default);

    private async Task<Guid> MoveCoreAsync(int key, NpgsqlTransaction transaction)
    {
        var fails = Interlocked.Increment(ref _runs) % 5 == 0;
        var id = Guid.NewGuid();
        await ExecuteAsync("INSERT INTO effects (key, id) VALUES ($1, $2)", $"{key}", id);
        foreach (var counter in Random.Shared.GetItems([0, 1, 2, 3, 4, 5], 2))
        {
            await ExecuteAsync("UPDATE counters SET n = n + 1 WHERE id = $1", counter);
            await ExecuteAsync("SELECT pg_sleep(0.005)"); // for another body to take what this one wants next
        }

        return fails ? throw new RolledBackOnPurposeException() : id;

        async Task ExecuteAsync(string text, params object[] values)
        {
            await using var command = new NpgsqlCommand(text, transaction.Connection, transaction);
            foreach (var value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            await command.ExecuteNonQueryAsync();
        }
    }

    public sealed class RolledBackOnPurposeException : Exception;
}
