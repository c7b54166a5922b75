using System.Diagnostics;

namespace Idempotency.PostgreSql.Tests;

/// <summary>What has expired is removed without anybody asking, and nothing else.</summary>
[Collection(nameof(SharedServer))]
public sealed class PurgingTests(SharedServer server)
{
    [Fact]
    public async Task A_store_that_is_used_removes_what_has_expired()
    {
        var (options, time) = (server.NewTable(), new RunningTime());
        options.PurgeInterval = TimeSpan.FromMinutes(5);
        using var store = new PostgreSqlStore(server.Source, options, time);
        await store.EnsureCreatedAsync();
        for (var i = 0; i < 5; i++)
        {
            var key = TestStore.NewKey();
            await store.CompleteAsync(key, await store.AcquireAsync(key), TimeSpan.FromMinutes(1));
        }

        await store.AcquireAsync(TestStore.NewKey());

        server.Clock.Move(TimeSpan.FromMinutes(10));
        time.Advance(TimeSpan.FromMinutes(10));

        await UntilAsync(async () => (long)(await server.AskAsync($"SELECT count(*) FROM {options.Name.Table}"))! == 1);
    }

    [Fact]
    public async Task A_store_whose_table_has_gone_goes_on_trying()
    {
        var (options, time) = (server.NewTable(), new RunningTime());
        options.PurgeInterval = TimeSpan.FromMinutes(5);
        using var store = new PostgreSqlStore(server.Source, options, time);
        await store.EnsureCreatedAsync();
        await store.AcquireAsync(TestStore.NewKey());
        await server.AskAsync($"ALTER TABLE idempotency.{options.Table} RENAME TO hidden_{options.Table}");
        time.Advance(TimeSpan.FromMinutes(10));
        await server.AskAsync($"ALTER TABLE idempotency.hidden_{options.Table} RENAME TO {options.Table}");
        var key = TestStore.NewKey();
        await store.CompleteAsync(key, await store.AcquireAsync(key), TimeSpan.FromMinutes(1));

        await UntilAsync(async () =>
        {
            server.Clock.Move(TimeSpan.FromMinutes(10));
            time.Advance(TimeSpan.FromMinutes(10));
            return (long)(await server.AskAsync($"SELECT count(*) FROM {options.Name.Table}"))! == 1;
        });
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TestStore.Patience, "It never came about.");
            await Task.Delay(20);
        }
    }
}
