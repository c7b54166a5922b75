using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>A primary with a replica that it waits for: who may answer, and what is left when the primary dies.</summary>
public sealed class FailOverTests
{
    [Fact]
    public async Task A_replica_answers_nobody_not_even_with_outcomes_that_it_has()
    {
        using var primary = await PostgreSqlServer.StartAsync();
        using var replica = await PostgreSqlServer.StartReplicaAsync(primary);
        using var store = new PostgreSqlStore(primary.ConnectionString);
        await store.EnsureCreatedAsync();
        var key = TestStore.NewKey();
        await store.CompleteAsync(key, await store.AcquireAsync(key));
        await UntilThereAsync(primary, replica);
        using var wrong = new PostgreSqlStore(replica.ConnectionString);

        foreach (var asked in new[] { key, TestStore.NewKey() })
        {
            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => wrong.ClaimAsync(asked).AsTask());
            Assert.Contains("The server is a replica or read-only", refusal.Message, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<Exception>(() => wrong.GetAsync(asked, CancellationToken.None).AsTask());
        }
    }

    /// <summary>The store is given both addresses, and finds the new primary itself.</summary>
    [Fact]
    public async Task What_a_synchronous_replica_has_acknowledged_survives_a_fail_over()
    {
        using var primary = await PostgreSqlServer.StartAsync();
        using var replica = await PostgreSqlServer.StartReplicaAsync(primary);
        await AskAsync(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await AskAsync(primary, "SELECT pg_reload_conf()");
        await using var both = new NpgsqlDataSourceBuilder(
            $"Host=127.0.0.1:{primary.Port},127.0.0.1:{replica.Port};Username=postgres;Database=postgres").BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary);
        using var store = new PostgreSqlStore(both);
        await store.EnsureCreatedAsync();
        var (done, running) = (TestStore.NewKey(), TestStore.NewKey());
        await store.CompleteAsync(done, await store.AcquireAsync(done));
        var owner = await store.AcquireAsync(running);

        await primary.KillAsync();
        await AskAsync(replica, "SELECT pg_promote()");

        Assert.IsType<Claim.Finished>(await ClaimUntilAnsweredAsync(done));
        Assert.IsType<Claim.Busy>(await ClaimUntilAnsweredAsync(running));
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(running, owner));
        Assert.True((await store.AcquireAsync(TestStore.NewKey())).Fence > owner.Fence);

        async Task<Claim> ClaimUntilAnsweredAsync(Keys.IdempotencyKey key)
        {
            var token = OwnerToken.New();
            for (var left = 100; ; left--)
            {
                try
                {
                    return await store.ClaimAsync(key, token);
                }
                catch (Exception failure) when (failure is not Xunit.Sdk.XunitException && left > 0)
                {
                    await Task.Delay(50); // between two tries, as the guard pauses; nothing is concluded from how long it takes
                }
            }
        }
    }

    private static async Task UntilThereAsync(PostgreSqlServer primary, PostgreSqlServer replica)
    {
        var written = await AskAsync(primary, "SELECT pg_current_wal_lsn()::text");
        while (await AskAsync(replica, $"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn") is not true)
        {
            await Task.Yield();
        }
    }

    private static async Task<object?> AskAsync(PostgreSqlServer server, string text)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(text);
        return await command.ExecuteScalarAsync();
    }
}
