using Idempotency.Storage;
using Idempotency.Testing;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>The Redis store keeps the contract, between two connections to real servers whose clock the tests move.</summary>
public abstract class RedisStoreTests : StoreContract, IDisposable
{
    private readonly SharedRedis _shared;
    private readonly RunningTime _time = new();
    private readonly RedisStore[] _stores;

    protected RedisStoreTests(SharedRedis shared)
    {
        _shared = shared;
        var options = new RedisStoreOptions
        {
            KeyPrefix = $"{Guid.NewGuid():n}:",
            CommandTimeout = TimeSpan.FromHours(1), // on a clock that is moved while commands are on their way
        };
        _stores = [.. shared.Connections.Select(connection => new RedisStore(connection, options, _time))];
    }

    protected override IIdempotencyStore Store => _stores[0];

    protected override IIdempotencyStore OtherStore => _stores[1];

    protected override TimeSpan Tick => TimeSpan.FromSeconds(8); // a server's clock goes on while a test looks

    protected override TimeSpan WakeUpDelay => TimeSpan.FromSeconds(1);

    protected override bool PurgesByItself => true;

    protected override Task PassAsync(TimeSpan time)
    {
        var whole = time + TimeSpan.FromMilliseconds(2); // the server counts the life of a key in milliseconds, and begins and ends with a part of one
        _shared.Clock.Move(whole);
        _time.Advance(whole);
        return Task.CompletedTask;
    }

    protected override Task JumpWallClockAsync(TimeSpan by)
    {
        _time.JumpWallClock(by);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var store in _stores)
        {
            store.Dispose();
        }
    }

    public sealed class OneServer(SharedServer shared) : RedisStoreTests(shared), IClassFixture<SharedServer>;

    /// <summary>Reads first, too.</summary>
    public sealed class Cluster(SharedCluster shared) : RedisStoreTests(shared), IClassFixture<SharedCluster>, IAsyncLifetime
    {
        protected override bool FencesGrowOverAllKeys => false; // each node counts by its own clock

        public Task InitializeAsync() => ManyDuplicates.MakeAsync(64, Store, OtherStore);

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
