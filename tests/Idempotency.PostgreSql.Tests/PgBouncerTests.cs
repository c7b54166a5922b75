using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>Behind PgBouncer in transaction mode nothing belongs to a session, and nothing needs to.</summary>
[Collection(nameof(SharedServer))]
public sealed class PgBouncerTests(SharedServer server)
{
    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task Answers_are_one_history_behind_a_pooler(OnCrash onCrash)
    {
        using var pooler = await PgBouncer.StartAsync(server.Server.Port);
        var options = Pooled();
        using var one = new PostgreSqlStore(pooler.ConnectionString, options);
        using var two = new PostgreSqlStore(pooler.ConnectionString + ";Application Name=two", options);
        await one.EnsureCreatedAsync();
        var history = new StoreHistory();

        await new StoreHammer { OnCrash = onCrash, Callers = 8, Calls = 60 }.RunAsync(history, one, two);

        Assert.All(history.Entries, static entry => Assert.NotNull(entry.ReturnedAt));
        var result = new LinearizabilityChecker { Tolerance = TimeSpan.FromMilliseconds(250) }.Check(history);
        Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"{result}");
    }

    [Fact]
    public async Task Waiters_look_for_themselves_behind_a_pooler()
    {
        using var pooler = await PgBouncer.StartAsync(server.Server.Port);
        using var store = new PostgreSqlStore(pooler.ConnectionString, Pooled());
        await store.EnsureCreatedAsync();
        var key = TestStore.NewKey();
        var owner = await store.AcquireAsync(key);
        var version = (await store.GetAsync(key, CancellationToken.None))!.Version;
        var waiting = Enumerable.Range(0, 100).Select(_ => store.WaitAsync(key, version, TimeSpan.FromHours(1), CancellationToken.None).AsTask()).ToList();

        await store.CompleteAsync(key, owner);

        await Task.WhenAll(waiting).WaitAsync(TestStore.Patience);
    }

    [Fact]
    public async Task Prepared_statements_behind_a_pooler_that_does_not_know_them_are_told()
    {
        using var pooler = await PgBouncer.StartAsync(server.Server.Port);
        var options = server.NewTable();
        using var one = new PostgreSqlStore(pooler.ConnectionString, options);
        using var two = new PostgreSqlStore(pooler.ConnectionString + ";Application Name=two", options);
        await one.EnsureCreatedAsync();

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(async () =>
        {
            for (var calls = 0; calls < 1000; calls++)
            {
                await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => (caller % 2 == 0 ? one : two).ClaimAsync(TestStore.NewKey()).AsTask()));
            }
        });

        Assert.Contains(nameof(PostgreSqlStoreOptions.PrepareStatements), refused.Message, StringComparison.Ordinal);
    }

    private PostgreSqlStoreOptions Pooled()
    {
        var options = server.NewTable();
        (options.UseNotifications, options.PrepareStatements) = (false, false);
        return options;
    }
}
