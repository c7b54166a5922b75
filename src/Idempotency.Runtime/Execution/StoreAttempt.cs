using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>An attempt that a store was asked for.</summary>
internal sealed class StoreAttempt(
    StoreCalls store, IdempotencyKey key, Ownership owner, int attempt, byte[] fingerprint, TimeSpan lease, long claimSent)
    : RunningAttempt(store, lease, claimSent)
{
    public override IdempotencyKey RecordKey => key;

    public override Ownership Owner => owner;

    public override ReadOnlySpan<byte> Fingerprint => fingerprint;

    public override string Operation => key.Operation;

    public override int Attempt => attempt;

    protected override bool IsUnder(IIdempotencyStore store, KeySpace space, ReadOnlySpan<byte> arguments) =>
        ReferenceEquals(Store.Store, store) && key.Is(space, arguments);
}
