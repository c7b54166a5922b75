using System.Data;
using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>Calls of generated code on a real server.</summary>
public sealed class PostgreSqlTransactionTests : IClassFixture<DatabaseServer>, IDisposable
{
    private readonly DatabaseServer _database;
    private readonly PostgreSqlStore _store;
    private readonly IdempotencyGuard _guard;
    private readonly Shop _shop;
    private readonly string _key = Guid.NewGuid().ToString();

    public PostgreSqlTransactionTests(DatabaseServer database)
    {
        _database = database;
        _store = new PostgreSqlStore(database.Source);
        _guard = IdempotencyGuard.Create(_store);
        _shop = new Shop(_guard);
    }

    [Fact]
    public async Task The_row_and_the_outcome_are_there_together_and_a_duplicate_gets_the_outcome()
    {
        var first = await _shop.OrderAsync(_key);

        Assert.Equal(first, await _shop.OrderAsync(_key));
        Assert.Equal([$"{first}"], await _database.EffectsAsync(_key));
        Assert.Equal(1, _shop.Runs);
    }

    [Fact]
    public async Task A_synchronous_method_does_the_same()
    {
        var first = _shop.Order(_key);

        Assert.Equal(first, _shop.Order(_key));
        Assert.Equal([$"{first}"], await _database.EffectsAsync(_key));
    }

    [Fact]
    public async Task A_body_that_throws_leaves_nothing()
    {
        _shop.Then = static _ => throw new FormatException();
        await Assert.ThrowsAsync<FormatException>(() => _shop.OrderAsync(_key));
        Assert.Empty(await _database.EffectsAsync(_key));

        _shop.Then = static _ => Task.CompletedTask;
        Assert.Equal([$"{await _shop.OrderAsync(_key)}"], await _database.EffectsAsync(_key));
    }

    /// <summary>The server makes statements wait for many reasons, as when a table grows; here a trigger does.</summary>
    [Fact]
    public async Task A_new_key_is_not_taken_for_a_running_one_because_its_statement_has_to_wait()
    {
        await _database.ExecuteAsync(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NEW; END';"
            + "CREATE TRIGGER hold BEFORE INSERT ON idempotency.records FOR EACH ROW EXECUTE FUNCTION hold()");
        await using var other = await _database.Source.OpenConnectionAsync();
        await using var holding = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(42)", other, holding))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var call = _shop.OrderAsync(_key);
        while (!call.IsCompleted && await _database.AskAsync("SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'") is [])
        {
            await Task.Yield();
        }

        await holding.CommitAsync();
        Assert.Equal([$"{await call}"], await _database.EffectsAsync(_key));
        await _database.ExecuteAsync("DROP FUNCTION hold CASCADE");
    }

    /// <summary>Duplicates hold the key for a moment too, each for itself.</summary>
    [Fact]
    public async Task A_duplicate_gets_the_outcome_while_another_one_reads_it()
    {
        var locked = "";
        _shop.Then = async _ => locked = Assert.Single(
            await _database.AskAsync("SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE granted AND locktype = 'advisory'"));
        var first = await _shop.OrderAsync(_key);
        await using var other = await _database.Source.OpenConnectionAsync();
        await using var holding = await other.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({locked})", other, holding);
        await hold.ExecuteNonQueryAsync();

        Assert.Equal(first, await _shop.OrderAsync(_key));
    }

    [Fact]
    public async Task A_failure_that_locks_is_kept_and_its_rows_are_not()
    {
        _shop.Then = static _ => throw new FormatException("no");

        await Assert.ThrowsAsync<FormatException>(() => _shop.OrderStrictlyAsync(_key));

        await Assert.ThrowsAsync<DuplicateOperationException>(() => _shop.OrderStrictlyAsync(_key));
        Assert.Empty(await _database.EffectsAsync(_key));
        Assert.Equal(1, _shop.Runs);
    }

    [Fact]
    public async Task Return_is_refused_at_once_while_the_first_runs_and_Wait_gets_its_outcome()
    {
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _shop.Then = _ =>
        {
            reached.TrySetResult();
            return go.Task;
        };
        var first = _shop.OrderWaitingAsync(_key);
        await reached.Task;
        var second = _shop.OrderWaitingAsync(_key);
        var other = new Shop(_guard) { Then = _shop.Then };

        var third = other.OrderAsync(_key + "-");
        await Assert.ThrowsAsync<OperationInProgressException>(() => other.OrderAsync(_key + "-"));
        go.SetResult();

        Assert.Equal(await first, await second);
        await third;
        Assert.Single(await _database.EffectsAsync(_key));
        Assert.Single(await _database.EffectsAsync(_key + "-"));
    }

    [Fact]
    public async Task Who_waits_runs_the_body_when_the_first_is_rolled_back()
    {
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _shop.Then = async _ =>
        {
            reached.TrySetResult();
            await go.Task;
            if (_shop.Runs == 1)
            {
                throw new FormatException();
            }
        };
        var first = _shop.OrderWaitingAsync(_key);
        await reached.Task;
        var second = _shop.OrderWaitingAsync(_key);
        await UntilSomebodyWaitsAsync();
        go.SetResult();

        await Assert.ThrowsAsync<FormatException>(() => first);
        Assert.Equal([$"{await second}"], await _database.EffectsAsync(_key));
    }

    [Fact]
    public async Task A_caller_that_cancels_while_it_waits_for_the_row_leaves_and_its_connection_is_good_again()
    {
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _shop.Then = _ =>
        {
            reached.TrySetResult();
            return go.Task;
        };
        using var client = new CancellationTokenSource();
        var first = _shop.OrderWaitingAsync(_key);
        await reached.Task;
        var second = _shop.OrderWaitingAsync(_key, client.Token);
        await UntilSomebodyWaitsAsync();

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        go.SetResult();
        Assert.Equal([$"{await first}"], await _database.EffectsAsync(_key));
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted, "read committed")]
    [InlineData(IsolationLevel.RepeatableRead, "repeatable read")]
    [InlineData(IsolationLevel.Serializable, "serializable")]
    public async Task The_body_runs_at_the_chosen_isolation_and_with_its_sessions_own_lock_timeout(IsolationLevel level, string name)
    {
        await using var source = NpgsqlDataSource.Create(_database.Server.ConnectionString + ";Options=-c lock_timeout=12345");
        using var store = new PostgreSqlStore(source, new PostgreSqlStoreOptions { IsolationLevel = level });
        using var guard = IdempotencyGuard.Create(store);
        var seen = "";
        var shop = new Shop(guard)
        {
            Then = async transaction =>
            {
                await using var command = new NpgsqlCommand("SELECT current_setting('transaction_isolation') || ' ' || current_setting('lock_timeout')", transaction.Connection, transaction);
                seen = (string)(await command.ExecuteScalarAsync())!;
            },
        };

        await shop.OrderAsync(_key);

        Assert.Equal($"{name} 12345ms", seen);
    }

    [Fact]
    public async Task A_body_that_commits_by_itself_is_told_and_still_runs_once()
    {
        _shop.Then = static transaction => transaction.CommitAsync();

        var told = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => _shop.OrderAsync(_key));

        Assert.Contains("The body ended the transaction", told.Message, StringComparison.Ordinal);
        Assert.Equal([$"{await _shop.OrderAsync(_key)}"], await _database.EffectsAsync(_key));
        Assert.Equal(1, _shop.Runs);
    }

    [Fact]
    public async Task A_body_that_rolls_back_by_itself_is_told_and_leaves_nothing()
    {
        _shop.Then = static transaction => transaction.RollbackAsync();

        var told = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => _shop.OrderAsync(_key));

        Assert.Contains("The body ended the transaction", told.Message, StringComparison.Ordinal);
        Assert.Empty(await _database.EffectsAsync(_key));
        _shop.Then = static _ => Task.CompletedTask;
        Assert.Equal([$"{await _shop.OrderAsync(_key)}"], await _database.EffectsAsync(_key));
    }

    [Fact]
    public async Task A_body_that_closes_its_connection_is_told_and_leaves_nothing()
    {
        _shop.Then = static transaction => transaction.Connection!.CloseAsync();

        var told = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => _shop.OrderAsync(_key));

        Assert.Contains("The body ended the transaction", told.Message, StringComparison.Ordinal);
        Assert.Empty(await _database.EffectsAsync(_key));
    }

    [Fact]
    public async Task An_error_that_the_body_swallows_does_not_let_the_outcome_be_committed()
    {
        _shop.Then = async transaction =>
        {
            await using var command = new NpgsqlCommand("SELECT 1 / 0", transaction.Connection, transaction);
            await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync());
        };

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _shop.OrderAsync(_key));

        Assert.Equal(PostgresErrorCodes.InFailedSqlTransaction, refused.SqlState);
        Assert.Empty(await _database.EffectsAsync(_key));
    }

    [Fact]
    public async Task Bodies_that_deadlock_both_succeed()
    {
        await _database.ExecuteAsync("INSERT INTO counters VALUES (1, 0), (2, 0) ON CONFLICT DO NOTHING");
        var (firstHasOne, secondHasTwo) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = new Shop(_guard) { Then = transaction => TakeBothAsync(transaction, 1, 2, firstHasOne, secondHasTwo) };
        var second = new Shop(_guard) { Then = transaction => TakeBothAsync(transaction, 2, 1, secondHasTwo, firstHasOne) };

        var ids = await Task.WhenAll(first.OrderAsync(_key), second.OrderAsync(_key + "-"));

        Assert.Equal([$"{ids[0]}"], await _database.EffectsAsync(_key));
        Assert.Equal([$"{ids[1]}"], await _database.EffectsAsync(_key + "-"));
        Assert.Equal(3, first.Runs + second.Runs);

        static async Task TakeBothAsync(NpgsqlTransaction transaction, int mine, int others, TaskCompletionSource hasMine, TaskCompletionSource hasOthers)
        {
            await TakeAsync(mine);
            hasMine.TrySetResult();
            await hasOthers.Task;
            await TakeAsync(others);

            async Task TakeAsync(int counter)
            {
                await using var command = new NpgsqlCommand($"UPDATE counters SET n = n + 1 WHERE id = {counter}", transaction.Connection, transaction);
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    [Fact]
    public async Task A_savepoint_takes_back_a_part()
    {
        _shop.Then = async transaction =>
        {
            await transaction.SaveAsync("part");
            await using var command = new NpgsqlCommand("INSERT INTO effects SELECT key, gen_random_uuid() FROM effects; SELECT 1 / 0", transaction.Connection, transaction);
            await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync());
            await transaction.RollbackAsync("part");
        };

        Assert.Equal([$"{await _shop.OrderAsync(_key)}"], await _database.EffectsAsync(_key));
    }

    [Fact]
    public async Task What_is_refused_only_at_the_commit_is_the_bodys_failure()
    {
        await _database.ExecuteAsync("CREATE TABLE IF NOT EXISTS late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        _shop.Then = static async transaction =>
        {
            await using var command = new NpgsqlCommand("INSERT INTO late VALUES (1), (1)", transaction.Connection, transaction);
            await command.ExecuteNonQueryAsync();
        };

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _shop.OrderStrictlyAsync(_key));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, refused.SqlState);
        await Assert.ThrowsAsync<DuplicateOperationException>(() => _shop.OrderStrictlyAsync(_key));
        Assert.Equal(1, _shop.Runs);
        Assert.Empty(await _database.EffectsAsync(_key));
    }

    public void Dispose()
    {
        _guard.Dispose();
        _store.Dispose();
    }

    private async Task UntilSomebodyWaitsAsync()
    {
        while ((await _database.AskAsync("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).Count == 0)
        {
            await Task.Delay(1);
        }
    }
}
