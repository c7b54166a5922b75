using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>What is wrong is said with what to do about it, and nothing is granted.</summary>
[Collection(nameof(SharedServer))]
public sealed class FaultTests(SharedServer server)
{
    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using var store = new PostgreSqlStore($"Host=127.0.0.1;Port={LoopbackPort.Free()};Username=postgres;Database=shop");

        await FailsAsync<IOException>(store, "cannot be reached", "Host and Port");
    }

    [Fact]
    public async Task A_connection_that_breaks_is_told()
    {
        var table = server.NewTable();
        using (var maker = new PostgreSqlStore(server.Source, table))
        {
            await maker.EnsureCreatedAsync();
        }

        using var proxy = TcpProxy.Start(server.Server.Port);
        using var store = new PostgreSqlStore($"Host=127.0.0.1;Port={proxy.Port};Username=postgres;Database=postgres", table);
        await store.PurgeAsync(1, CancellationToken.None);
        proxy.CutAtAnswer(1);

        var broken = await Assert.ThrowsAsync<IOException>(() => store.PurgeAsync(1, CancellationToken.None).AsTask());

        Assert.Contains("broke:", broken.Message, StringComparison.Ordinal);
        Assert.Contains("Whether the step was applied is unknown.", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_told()
    {
        await server.AskAsync("CREATE ROLE locked LOGIN PASSWORD 'right'");
        await using var strict = await WithPasswordsAsync();
        using var store = new PostgreSqlStore(server.Server.ConnectionString.Replace("Username=postgres", "Username=locked;Password=wrong", StringComparison.Ordinal));

        await FailsAsync<StoreRefusedException>(store, "refuses the user or its password");
    }

    [Fact]
    public async Task A_missing_database_is_told()
    {
        using var store = new PostgreSqlStore(server.Server.ConnectionString.Replace("Database=postgres", "Database=nowhere", StringComparison.Ordinal));

        await FailsAsync<StoreRefusedException>(store, "does not have the database", "nowhere");
    }

    [Fact]
    public async Task A_missing_table_is_told_with_both_ways_to_make_it()
    {
        using var store = new PostgreSqlStore(server.Source, server.NewTable());

        await FailsAsync<StoreRefusedException>(store, "There is no table", "EnsureCreatedAsync", "CreateScript");

        await store.EnsureCreatedAsync();
        await store.AcquireAsync(TestStore.NewKey());
    }

    [Fact]
    public async Task A_table_that_disappears_is_told()
    {
        var (store, options) = await MakeAsync();
        await store.AcquireAsync(TestStore.NewKey());

        await server.AskAsync($"DROP TABLE {options.Name.Table}");

        await FailsAsync<StoreRefusedException>(store, "There is no table", "EnsureCreatedAsync");
    }

    [Fact]
    public async Task A_table_of_something_else_is_not_touched()
    {
        var options = server.NewTable();
        await server.AskAsync($"CREATE SCHEMA IF NOT EXISTS idempotency; CREATE TABLE {options.Name.Table} (id int)");
        using var store = new PostgreSqlStore(server.Source, options);

        await FailsAsync<StoreRefusedException>(store, "was not made by this store");
        Assert.Contains("was not made by this store", (await Assert.ThrowsAnyAsync<InvalidOperationException>(() => store.EnsureCreatedAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_of_a_later_version_is_refused()
    {
        var (_, options) = await MakeAsync();
        await server.AskAsync($"COMMENT ON TABLE {options.Name.Table} IS 'Idempotency store, schema 2'");
        using var store = new PostgreSqlStore(server.Source, options);

        await FailsAsync<StoreRefusedException>(store, "has schema 2", "knows 1");
        Assert.Contains("has schema 2", (await Assert.ThrowsAnyAsync<InvalidOperationException>(() => store.EnsureCreatedAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_takes_no_writes_is_refused_for_claims_also_of_keys_that_are_done()
    {
        var (made, options) = await MakeAsync();
        var key = TestStore.NewKey();
        await made.CompleteAsync(key, await made.AcquireAsync(key));
        using var store = new PostgreSqlStore(server.Server.ConnectionString + ";Options=-c default_transaction_read_only=on", options);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.ClaimAsync(key));
        Assert.Contains("Target Session Attributes=primary", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commits_that_may_be_lost_are_refused_under_Hold_unless_they_are_accepted()
    {
        var (_, options) = await MakeAsync();
        var lazy = server.Server.ConnectionString + ";Options=-c synchronous_commit=off";
        using var store = new PostgreSqlStore(lazy, options);
        var (key, over) = (TestStore.NewKey(), TestStore.NewKey());
        await store.AcquireAsync(over, TimeSpan.Zero);

        foreach (var claimed in new[] { key, over })
        {
            var refused = await Assert.ThrowsAsync<StoreRefusedException>(async () => await store.ClaimAsync(claimed, onCrash: OnCrash.Hold));
            Assert.Contains("synchronous_commit is off", refused.Message, StringComparison.Ordinal);
        }

        Assert.Null(await store.GetAsync(key, CancellationToken.None));
        Assert.Equal(1, (await store.GetAsync(over, CancellationToken.None))!.Attempt);
        await store.AcquireAsync(TestStore.NewKey()); // Retry takes the risk anyway

        options.AcceptAsynchronousCommit = true;
        await Assert.ThrowsAsync<StoreRefusedException>(async () => await store.ClaimAsync(key, onCrash: OnCrash.Hold)); // whose options are its own
        using var accepting = new PostgreSqlStore(lazy, options);
        Assert.IsType<Claim.Acquired>(await accepting.ClaimAsync(key, onCrash: OnCrash.Hold));
    }

    [Theory]
    [InlineData("UPDATE {0} SET format = 2", "has format 2")]
    [InlineData("UPDATE {0} SET state = 'x'", "contradict each other")]
    [InlineData("UPDATE {0} SET outcome = NULL", "contradict each other")]
    [InlineData("UPDATE {0} SET expires_at = NULL", "contradict each other")]
    [InlineData("UPDATE {0} SET state = 'I', lease_until = NULL, expires_at = NULL", "contradict each other")]
    [InlineData("UPDATE {0} SET operation = 'another'", "belongs to the operation 'another'")]
    public async Task A_record_that_cannot_be_trusted_is_never_taken_for_none(string damage, string reason)
    {
        var (store, options) = await MakeAsync();
        var key = TestStore.NewKey();
        var owner = await store.AcquireAsync(key);
        await store.CompleteAsync(key, owner);

        await server.AskAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, options.Name.Table));

        foreach (var onCrash in Enum.GetValues<OnCrash>())
        {
            Assert.Contains(reason, Assert.IsType<Claim.Unreadable>(await store.ClaimAsync(key, onCrash: onCrash)).Reason, StringComparison.Ordinal);
        }

        Assert.Equal(0, await store.PurgeAsync(10, CancellationToken.None));
        Assert.Equal(1L, await server.AskAsync($"SELECT count(*) FROM {options.Name.Table}"));
    }

    [Fact]
    public async Task A_role_needs_no_more_than_to_read_and_write_the_table()
    {
        var (_, options) = await MakeAsync();
        await server.AskAsync("CREATE ROLE clerk LOGIN");
        using var store = new PostgreSqlStore(server.Server.ConnectionString.Replace("Username=postgres", "Username=clerk", StringComparison.Ordinal), options);

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(async () => await store.ClaimAsync(TestStore.NewKey()));
        Assert.Contains("GRANT USAGE ON SCHEMA", refused.Message, StringComparison.Ordinal);

        await server.AskAsync(
            $"GRANT USAGE ON SCHEMA idempotency TO clerk; GRANT SELECT, INSERT, UPDATE, DELETE ON {options.Name.Table} TO clerk; GRANT USAGE ON SEQUENCE {options.Name.Sequence} TO clerk");
        await store.EnsureCreatedAsync(); // finds it made, and needs no right for that
        var key = TestStore.NewKey();
        var owner = await store.AcquireAsync(key);
        var version = (await store.GetAsync(key, CancellationToken.None))!.Version;
        var waiting = store.WaitAsync(key, version, TestStore.Patience, CancellationToken.None).AsTask();
        Assert.Equal(OwnerAnswer.Accepted, await store.RenewAsync(key, owner, TestStore.Lease, CancellationToken.None));
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, owner, TimeSpan.Zero));
        await waiting.WaitAsync(TestStore.Patience);
        await store.AbandonAsync(TestStore.NewKey(), OwnerToken.New(), CancellationToken.None);
        Assert.Equal(1, await store.PurgeAsync(10, CancellationToken.None));
    }

    private async Task<(PostgreSqlStore Store, PostgreSqlStoreOptions Options)> MakeAsync()
    {
        var options = server.NewTable();
        var store = new PostgreSqlStore(server.Source, options);
        await store.EnsureCreatedAsync();
        return (store, options);
    }

    private static async Task FailsAsync<TException>(PostgreSqlStore store, params string[] words)
        where TException : Exception
    {
        var failure = await Assert.ThrowsAsync<TException>(async () => await store.ClaimAsync(TestStore.NewKey()));
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
    }

    /// <summary>Lets the server ask the role for its password while the test runs; all others come in without, as before.</summary>
    private async Task<IAsyncDisposable> WithPasswordsAsync()
    {
        var file = (string)(await server.AskAsync("SHOW hba_file"))!;
        var before = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "host all locked 127.0.0.1/32 scram-sha-256\n" + before);
        await server.AskAsync("SELECT pg_reload_conf()");
        await using var probe = NpgsqlDataSource.Create(server.Server.ConnectionString.Replace("Username=postgres", "Username=locked", StringComparison.Ordinal) + ";Pooling=false");
        for (var isStrict = false; !isStrict;)
        {
            try
            {
                await (await probe.OpenConnectionAsync()).DisposeAsync();
            }
            catch (NpgsqlException)
            {
                isStrict = true;
            }
        }

        return new Undo(async () =>
        {
            await File.WriteAllTextAsync(file, before);
            await server.AskAsync("SELECT pg_reload_conf()");
        });
    }

    private sealed class Undo(Func<Task> undo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await undo();
    }
}
