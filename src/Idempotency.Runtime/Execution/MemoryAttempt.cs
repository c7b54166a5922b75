using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>An attempt that is the first of its key in a memory store: its record is at hand, and tells the rest.</summary>
internal sealed class MemoryAttempt(StoreCalls store, in MemoryGrant grant, TimeSpan lease, long claimSent)
    : RunningAttempt(store, lease, claimSent)
{
    private readonly MemoryRecord _record = grant.Record;
    private readonly byte[] _fingerprint = grant.Fingerprint;
    private readonly long _fence = grant.Fence;

    public override IdempotencyKey RecordKey => Details.Key ??= _record.Key;

    public override Ownership Owner => MemoryRecord.OwnerOf(_fence);

    public override ReadOnlySpan<byte> Fingerprint => _fingerprint;

    public override string Operation => _record.Space.Operation;

    public override int Attempt => 1;

    public override bool TryComplete(object? result, TimeSpan retention)
    {
        try
        {
            return Store.Memory!.Table.TryComplete(_record, _fence, result, retention);
        }
        catch (Exception)
        {
            // The store's clock may be the application's own and throw anything. The effect has happened: the settler tries again, and says so if it cannot.
            return false;
        }
    }

    protected override bool IsUnder(IIdempotencyStore store, KeySpace space, ReadOnlySpan<byte> arguments) =>
        ReferenceEquals(Store.Store, store) && _record.IsOf(space, arguments);
}
