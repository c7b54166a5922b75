using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>Commits whose answer does not arrive, on a real server behind a proxy.</summary>
public sealed class LostCommitTests : IClassFixture<DatabaseServer>, IAsyncLifetime, IDisposable
{
    private readonly DatabaseServer _database;
    private readonly TcpProxy _proxy;
    private readonly NpgsqlDataSource _source;
    private readonly PostgreSqlStore _store;
    private readonly IdempotencyGuard _guard;
    private readonly Shop _shop;
    private readonly string _key = Guid.NewGuid().ToString();

    public LostCommitTests(DatabaseServer database)
    {
        _database = database;
        _proxy = TcpProxy.Start(database.Server.Port);
        _source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={_proxy.Port};Username=postgres;Database=postgres;Maximum Pool Size=3;Timeout=1");
        _store = new PostgreSqlStore(_source, new PostgreSqlStoreOptions { CommandTimeout = TimeSpan.FromMilliseconds(500) });
        _guard = IdempotencyGuard.Create(_store, new IdempotencyOptions { StoreTimeout = TimeSpan.FromMilliseconds(500), ClaimTimeout = TimeSpan.FromSeconds(20) });
        _shop = new Shop(_guard);
    }

    /// <summary>So that the connection has its statements prepared, and the next answer after a body is the commit's.</summary>
    public Task InitializeAsync() => _shop.OrderAsync(_key + " before");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_whose_answer_is_cut_was_applied_and_its_caller_gets_the_result(bool strictly)
    {
        var before = _shop.Runs;
        _shop.Then = _ =>
        {
            _proxy.CutAtAnswer(1);
            return Task.CompletedTask;
        };

        var id = await (strictly ? _shop.OrderStrictlyAsync(_key) : _shop.OrderAsync(_key));

        Assert.Equal([$"{id}"], await _database.EffectsAsync(_key));
        Assert.Equal((before + 1, 1), (_shop.Runs, _proxy.Cuts));
    }

    [Fact]
    public async Task A_commit_that_never_arrived_was_rolled_back_and_the_body_runs_again()
    {
        var before = _shop.Runs;
        _shop.Then = _ =>
        {
            if (_shop.Runs == before + 1)
            {
                _proxy.CutAll();
            }

            return Task.CompletedTask;
        };

        var id = await _shop.OrderAsync(_key);

        Assert.Equal([$"{id}"], await _database.EffectsAsync(_key));
        Assert.Equal(before + 2, _shop.Runs);
    }

    [Fact]
    public async Task A_commit_that_is_held_up_is_waited_for_on_its_row()
    {
        Task? later = null;
        _shop.Then = _ =>
        {
            if (later is null)
            {
                _proxy.Hold();
                later = Task.Delay(TimeSpan.FromSeconds(2)).ContinueWith(_ => _proxy.LetGo(), TaskScheduler.Default);
            }

            return Task.CompletedTask;
        };

        var id = await _shop.OrderAsync(_key);

        Assert.Equal(id, await _shop.OrderAsync(_key));
        Assert.Equal([$"{id}"], await _database.EffectsAsync(_key));
        await later!;
    }

    [Fact]
    public async Task A_commit_that_nobody_can_be_asked_about_is_called_unknown_and_the_call_may_be_sent_again()
    {
        using var guard = IdempotencyGuard.Create(_store, new IdempotencyOptions { StoreTimeout = TimeSpan.FromMilliseconds(500), ClaimTimeout = TimeSpan.FromSeconds(1) });
        var shop = new Shop(guard)
        {
            Then = _ =>
            {
                _proxy.Hold();
                return Task.CompletedTask;
            },
        };

        await Assert.ThrowsAsync<CommitUnknownException>(() => shop.OrderAsync(_key));
        _proxy.LetGo();

        Assert.Equal([$"{await _shop.OrderWaitingAsync(_key + " other")}"], await _database.EffectsAsync(_key + " other"));
        shop.Then = static _ => Task.CompletedTask;
        Assert.Equal([$"{await ReallyAsync(() => shop.OrderAsync(_key))}"], await _database.EffectsAsync(_key));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _guard.Dispose();
        _store.Dispose();
        _source.Dispose();
        _proxy.Dispose();
    }

    /// <summary>Sends the call again as long as the first one's transaction is on its way.</summary>
    private static async Task<Guid> ReallyAsync(Func<Task<Guid>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception failure) when (failure is OperationInProgressException or StoreUnavailableException or CommitUnknownException)
            {
                await Task.Delay(10);
            }
        }
    }
}
