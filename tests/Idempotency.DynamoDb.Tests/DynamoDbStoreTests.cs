using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Testing;

namespace Idempotency.DynamoDb.Tests;

/// <summary>
/// The store keeps the contract, between two that know nothing of each other, whether or not the service says what a failed condition
/// has found.
/// </summary>
public abstract class DynamoDbStoreTests : StoreContract
{
    private readonly SteppedTime _time = new();

    private protected DynamoDbStoreTests(Service? service, string table)
    {
        Store = TestTable.Store(_time, new Wire(service), options => options.TableName = table);
        OtherStore = TestTable.Store(_time, new Wire(service), options => options.TableName = table);
    }

    protected override IIdempotencyStore Store { get; }

    protected override IIdempotencyStore OtherStore { get; }

    protected override bool PurgesByItself => true;

    protected override int LargestOutcome => ItemSize.MostResult;

    protected override TimeSpan Tick => TimeSpan.FromSeconds(1);

    protected override TimeSpan WakeUpDelay => TimeSpan.FromMilliseconds(60);

    /// <summary>A lease ends for whoever has seen it begin.</summary>
    protected override async Task EndLeaseAsync(IdempotencyKey key, Ownership owner)
    {
        await Store.GetAsync(key, CancellationToken.None);
        await OtherStore.GetAsync(key, CancellationToken.None);
        await PassAsync(Lease);
    }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    protected override Task JumpWallClockAsync(TimeSpan by)
    {
        _time.JumpWallClock(by);
        return Task.CompletedTask;
    }

    /// <summary>As DynamoDB answers.</summary>
    public sealed class WithItems() : DynamoDbStoreTests(TestTable.Service, TestTable.WithItems);

    /// <summary>As services answer that know nothing of items in refusals: they have to be read. The store reads first, too.</summary>
    public sealed class WithoutItems() : DynamoDbStoreTests(service: null, TestTable.WithoutItems), IAsyncLifetime
    {
        public Task InitializeAsync() => ManyDuplicates.MakeAsync(8, Store, OtherStore);

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
