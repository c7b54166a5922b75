using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>A transaction that holds the lock of a record's row while something happens.</summary>
internal static class RowLock
{
    /// <summary>A take-over waits for the lock for a minute of the server's time. The lease it gets must be a whole one from then on.</summary>
    public static async Task A_lease_counts_from_when_the_lock_was_had(SharedServer server, IIdempotencyStore store, string table)
    {
        var key = TestStore.NewKey();
        await store.AcquireAsync(key, TimeSpan.Zero);
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await LockAsync(connection, key, table);

        var taking = store.ClaimAsync(key).AsTask();
        await UntilWaitingAsync(server, table);
        server.Clock.Move(TimeSpan.FromMinutes(1));
        await transaction.RollbackAsync();

        Assert.True(Assert.IsType<Claim.Acquired>(await taking.WaitAsync(TestStore.Patience)).TakenOver);
        Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
    }

    /// <summary>The owner renews while a take-over waits for its lock.</summary>
    public static async Task A_renewal_that_was_first_counts(SharedServer server, IIdempotencyStore store, string table)
    {
        var key = TestStore.NewKey();
        await store.AcquireAsync(key, TimeSpan.Zero);
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var renewal = connection.CreateCommand();
        renewal.CommandText = $"UPDATE {table} SET lease_until = clock_timestamp() + interval '30 seconds' WHERE key = decode('{key.Text}', 'hex')";
        await renewal.ExecuteNonQueryAsync();

        var taking = store.ClaimAsync(key).AsTask();
        await UntilWaitingAsync(server, table);
        await transaction.CommitAsync();

        Assert.IsType<Claim.Busy>(await taking.WaitAsync(TestStore.Patience));
    }

    public static async Task LockAsync(Npgsql.NpgsqlConnection connection, IdempotencyKey key, string table)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT 1 FROM {table} WHERE key = decode('{key.Text}', 'hex') FOR UPDATE";
        await command.ExecuteNonQueryAsync();
    }

    private static async Task UntilWaitingAsync(SharedServer server, string table)
    {
        while ((long)(await server.AskAsync(
            $"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND position('{table}' in query) > 0 AND pid <> pg_backend_pid()"))! == 0)
        {
            await Task.Yield();
        }
    }
}
