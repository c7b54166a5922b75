using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>The file store keeps the contract, between two that are open on one directory, whatever it survives.</summary>
public abstract class FileStoreTests : StoreContract, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StoreFolder _folder = new();
    private readonly FileStore _store;
    private readonly Lazy<FileStore> _other;

    protected FileStoreTests(FileDurability durability)
    {
        var options = new FileStoreOptions { Durability = durability };
        _store = _folder.Open(_time, options);
        _other = new(() => _folder.Open(_time, options));
    }

    protected override IIdempotencyStore Store => _store;

    protected override IIdempotencyStore OtherStore => _other.Value;

    protected override bool LeasesEndByTime => false;

    protected override bool PurgesByItself => true;

    protected override TimeSpan WakeUpDelay => TimeSpan.FromMilliseconds(250);

    protected override async Task EndLeaseAsync(IdempotencyKey key, Ownership owner) =>
        await _store.RenewAsync(key, owner, TimeSpan.Zero, CancellationToken.None);

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

    [Fact]
    public async Task A_key_that_can_only_look_records_up_claims_nothing()
    {
        var key = IdempotencyKey.FromText("tests.charge", new string('a', 64));

        await Assert.ThrowsAsync<ArgumentException>(() => _store.TryClaimAsync(
            key, new ClaimRequest(OwnerToken.New(), Lease, OnCrash.Retry, default), CancellationToken.None).AsTask());

        Assert.Null(await _store.GetAsync(key, CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();

    public sealed class PowerLoss() : FileStoreTests(FileDurability.PowerLoss);

    public sealed class ProcessCrash() : FileStoreTests(FileDurability.ProcessCrash);
}
