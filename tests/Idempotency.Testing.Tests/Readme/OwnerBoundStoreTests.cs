using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Testing.Tests.BrokenStores;

namespace Idempotency.Testing.Tests.Readme;

/// <summary>A store whose leases last as long as their owners can keep the contract too.</summary>
public sealed class OwnerBoundStoreTests : StoreContract
{
    private readonly FakeTimeProvider _time = new();

    public OwnerBoundStoreTests() => Store = new PlainStore(_time, Flaw.LeaseLastsAsLongAsItsOwner);

    protected override IIdempotencyStore Store { get; }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    #region testing-owner-bound
    protected override bool LeasesEndByTime => false;

    protected override Task EndLeaseAsync(IdempotencyKey key, Ownership owner) =>
        Store.RenewAsync(key, owner, TimeSpan.Zero, CancellationToken.None).AsTask(); // or kill the process that owns the key
    #endregion
}
