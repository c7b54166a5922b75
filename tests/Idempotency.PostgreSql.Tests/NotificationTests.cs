using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>Waiters are told; where they cannot be, they look.</summary>
[Collection(nameof(SharedServer))]
public sealed class NotificationTests(SharedServer server)
{
    [Fact]
    public async Task A_waiter_is_told_when_no_time_passes_in_which_it_could_look()
    {
        var options = server.NewTable();
        using var waiter = new PostgreSqlStore(server.Source, options, new FakeTimeProvider());
        using var owner = new PostgreSqlStore(server.Source, options);
        await owner.EnsureCreatedAsync();
        for (var round = 0; round < 20; round++)
        {
            var key = TestStore.NewKey();
            var owned = await owner.AcquireAsync(key);
            var version = (await owner.GetAsync(key, CancellationToken.None))!.Version;
            var waiting = Enumerable.Range(0, 50).Select(_ => waiter.WaitAsync(key, version, TimeSpan.FromHours(1), CancellationToken.None).AsTask()).ToList();
            await UntilMarkedAsync(options, key);

            await owner.CompleteAsync(key, owned);

            await Task.WhenAll(waiting).WaitAsync(TestStore.Patience);
        }

        Assert.Equal(1L, await server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN {options.Name.Channel}'"));
    }

    [Fact]
    public async Task A_key_that_nobody_waits_for_tells_nobody()
    {
        var options = server.NewTable();
        using var store = new PostgreSqlStore(server.Source, options);
        await store.EnsureCreatedAsync();
        await using var connection = await server.Source.OpenConnectionAsync();
        var told = new List<string>();
        connection.Notification += (_, notification) => told.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {options.Name.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync();
        }

        var (quiet, awaited) = (TestStore.NewKey(), TestStore.NewKey());
        await store.CompleteAsync(quiet, await store.AcquireAsync(quiet));
        var owner = await store.AcquireAsync(awaited);
        var waiting = store.WaitAsync(awaited, (await store.GetAsync(awaited, CancellationToken.None))!.Version, TestStore.Patience, CancellationToken.None).AsTask();
        await UntilMarkedAsync(options, awaited);
        await store.CompleteAsync(awaited, owner);
        await waiting.WaitAsync(TestStore.Patience);
        while (told.Count == 0)
        {
            await connection.WaitAsync();
        }

        Assert.Equal([awaited.Text], told);
    }

    [Fact]
    public async Task A_waiter_whose_connection_was_lost_is_woken_all_the_same()
    {
        var options = server.NewTable();
        using var store = new PostgreSqlStore(server.Server.ConnectionString, options);
        await store.EnsureCreatedAsync();
        var key = TestStore.NewKey();
        var owner = await store.AcquireAsync(key);
        var waiting = store.WaitAsync(key, (await store.GetAsync(key, CancellationToken.None))!.Version, TimeSpan.FromHours(1), CancellationToken.None).AsTask();
        await UntilMarkedAsync(options, key);

        await server.AskAsync($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'LISTEN {options.Name.Channel}'");
        using var other = new PostgreSqlStore(server.Source, options);
        await other.CompleteAsync(key, owner);

        await waiting.WaitAsync(TestStore.Patience);
    }

    private async Task UntilMarkedAsync(PostgreSqlStoreOptions options, Keys.IdempotencyKey key)
    {
        while (await server.AskAsync($"SELECT waiters FROM {options.Name.Table} WHERE key = decode('{key.Text}', 'hex')") is not true)
        {
            await Task.Yield();
        }
    }
}
