using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>What others do to the rows, by hand or by a backup, delays steps and changes none of their answers.</summary>
[Collection(nameof(SharedServer))]
public sealed class LockTests(SharedServer server)
{
    [Fact]
    public async Task A_lease_counts_from_when_the_lock_was_had()
    {
        var (store, options) = await MakeAsync();
        await RowLock.A_lease_counts_from_when_the_lock_was_had(server, store, options.Name.Table);
    }

    [Fact]
    public async Task A_renewal_that_was_first_counts()
    {
        var (store, options) = await MakeAsync();
        await RowLock.A_renewal_that_was_first_counts(server, store, options.Name.Table);
    }

    [Fact]
    public async Task Duplicates_and_purges_wait_for_no_lock()
    {
        var (store, options) = await MakeAsync();
        var (running, expired) = (TestStore.NewKey(), TestStore.NewKey());
        await store.AcquireAsync(running);
        await store.CompleteAsync(expired, await store.AcquireAsync(expired), TimeSpan.Zero);
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RowLock.LockAsync(connection, running, options.Name.Table);
        await RowLock.LockAsync(connection, expired, options.Name.Table);

        Assert.IsType<Claim.Busy>(await store.ClaimAsync(running));
        Assert.Equal(0, await store.PurgeAsync(10, CancellationToken.None));

        await transaction.RollbackAsync();
        Assert.Equal(1, await store.PurgeAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_step_that_waits_for_a_lock_for_too_long_ends_and_leaves_nothing_running()
    {
        var (store, options) = await MakeAsync();
        options.CommandTimeout = TimeSpan.FromMilliseconds(200);
        using var hurried = new PostgreSqlStore(server.Source, options);
        var key = TestStore.NewKey();
        var owner = await store.AcquireAsync(key);
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RowLock.LockAsync(connection, key, options.Name.Table);

        var late = await Assert.ThrowsAsync<TimeoutException>(async () => await hurried.CompleteAsync(key, owner));

        Assert.Contains("unknown", late.Message, StringComparison.Ordinal);
        while ((long)(await server.AskAsync("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))! > 0)
        {
            await Task.Yield(); // it is being cancelled
        }

        await transaction.RollbackAsync();
        Assert.Equal(RecordState.InProgress, (await store.GetAsync(key, CancellationToken.None))!.State);
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, owner));
    }

    [Fact]
    public async Task Whoever_purges_while_others_claim_removes_nothing_that_lives()
    {
        const int Keys = 200;
        var (store, _) = await MakeAsync();
        var keys = Enumerable.Range(0, Keys).Select(static _ => TestStore.NewKey()).ToList();
        foreach (var key in keys)
        {
            await store.CompleteAsync(key, await store.AcquireAsync(key), TimeSpan.Zero);
        }

        using var done = new CancellationTokenSource();
        var purging = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await store.PurgeAsync(7, CancellationToken.None);
            }
        })).ToList();
        var granted = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var mine = 0;
            foreach (var key in keys)
            {
                mine += await store.ClaimAsync(key) is Claim.Acquired ? 1 : 0;
            }

            return mine;
        })));
        await done.CancelAsync();
        await Task.WhenAll(purging);

        Assert.Equal(Keys, granted.Sum());
        foreach (var key in keys)
        {
            Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
        }
    }

    private async Task<(PostgreSqlStore Store, PostgreSqlStoreOptions Options)> MakeAsync()
    {
        var options = server.NewTable();
        var store = new PostgreSqlStore(server.Source, options);
        await store.EnsureCreatedAsync();
        return (store, options);
    }
}
