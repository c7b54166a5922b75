using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>The store keeps the contract, between two that share a table of a real server whose clock the tests move.</summary>
public abstract class PostgreSqlStoreTests : StoreContract, IAsyncLifetime, IDisposable
{
    private readonly SharedServer _server;
    private readonly RunningTime _time = new();
    private readonly PostgreSqlStore _store;
    private readonly PostgreSqlStore _other;

    protected PostgreSqlStoreTests(SharedServer server, Action<PostgreSqlStoreOptions>? configure = null)
    {
        _server = server;
        var options = server.NewTable();
        configure?.Invoke(options);
        _store = new PostgreSqlStore(server.Source, options, _time);
        _other = new PostgreSqlStore(server.Source, options, _time);
    }

    protected override IIdempotencyStore Store => _store;

    protected override IIdempotencyStore OtherStore => _other;

    /// <summary>The server's clock runs on by itself while a fact is looked at.</summary>
    protected override TimeSpan Tick => TimeSpan.FromSeconds(10);

    public virtual Task InitializeAsync() => _store.EnsureCreatedAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _store.Dispose();
        _other.Dispose();
    }

    protected override Task PassAsync(TimeSpan time)
    {
        _server.Clock.Move(time);
        _time.Advance(time);
        return Task.CompletedTask;
    }

    protected override Task JumpWallClockAsync(TimeSpan by)
    {
        _time.JumpWallClock(by);
        return Task.CompletedTask;
    }

    [Collection(nameof(SharedServer))]
    public sealed class DefaultOptions(SharedServer server) : PostgreSqlStoreTests(server);

    /// <summary>With everything that is not the default: reading first, without notifications and prepared statements.</summary>
    [Collection(nameof(SharedServer))]
    public sealed class OtherOptions(SharedServer server) : PostgreSqlStoreTests(
        server, static options => (options.UseNotifications, options.PrepareStatements) = (false, false))
    {
        protected override TimeSpan WakeUpDelay => TimeSpan.FromMilliseconds(250);

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await ManyDuplicates.MakeAsync(64, Store, OtherStore);
        }
    }
}
