using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>It also does with everything that is not its default: reading first, without notifications and prepared statements.</summary>
[Collection(nameof(SharedServer))]
public sealed class PostgreSqlStoreOtherOptionsTests : StoreContract, IAsyncLifetime, IDisposable
{
    private readonly SharedServer _server;
    private readonly RunningTime _time = new();
    private readonly PostgreSqlStore _store;
    private readonly PostgreSqlStore _other;

    public PostgreSqlStoreOtherOptionsTests(SharedServer server)
    {
        _server = server;
        var options = server.NewTable();
        (options.ReadFirst, options.UseNotifications, options.PrepareStatements) = (true, false, false);
        _store = new PostgreSqlStore(server.Source, options, _time);
        _other = new PostgreSqlStore(server.Source, options, _time);
    }

    protected override IIdempotencyStore Store => _store;

    protected override IIdempotencyStore OtherStore => _other;

    /// <summary>The server's clock runs on by itself while a fact is looked at.</summary>
    protected override TimeSpan Tick => TimeSpan.FromSeconds(10);

    protected override TimeSpan WakeUpDelay => TimeSpan.FromMilliseconds(250);

    public Task InitializeAsync() => _store.EnsureCreatedAsync();

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
}
