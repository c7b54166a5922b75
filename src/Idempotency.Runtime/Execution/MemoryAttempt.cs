using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>An attempt that is the first of its key in a memory store: its record is at hand, and tells the rest.</summary>
internal sealed class MemoryAttempt(StoreCalls store, MemoryRecord record, TimeSpan lease, long claimSent)
    : RunningAttempt(store, lease, claimSent)
{
    // The record's own change when another is granted the key.
    private readonly long _fence = record.Fence;
    private readonly byte[] _fingerprint = record.Fingerprint;

    public override IdempotencyKey RecordKey => Details.Key ??= record.Key;

    public override Ownership Owner => MemoryRecord.OwnerOf(_fence);

    public override ReadOnlySpan<byte> Fingerprint => _fingerprint;

    public override string Operation => record.Space.Operation;

    public override int Attempt => 1;

    /// <summary>Stores the result; <see langword="false"/> when the key belongs to another by now.</summary>
    public bool TryComplete(MemoryTable table, object? result, TimeSpan retention) => table.TryComplete(record, _fence, result, retention);

    protected override bool IsUnder(IIdempotencyStore store, IdempotencyKey key) =>
        ReferenceEquals(Store.Store, store) && record.IsOf(key.Space, key.Arguments, MemoryKey.HashOf(key.Space, key.Arguments));
}
