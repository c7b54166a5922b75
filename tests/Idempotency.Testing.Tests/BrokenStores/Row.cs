using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>What a <see cref="PlainStore"/> keeps for a key.</summary>
internal sealed class Row(IdempotencyKey key)
{
    public IdempotencyKey Key => key;
    public RecordState State { get; set; } = RecordState.Released;
    public OwnerToken? Owner { get; set; }
    public long Fence { get; set; }
    public long Version { get; set; }
    public int Attempt { get; set; }
    public byte[] Fingerprint { get; set; } = [];
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset LeaseUntil { get; set; }
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset DoubtSince { get; set; }
    public StoredOutcome? Outcome { get; set; }
    public List<OwnerToken> Ended { get; } = [];
    public TaskCompletionSource Changed { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public bool IsOpen => State is RecordState.InProgress or RecordState.InDoubt;
    public bool IsMine(Ownership owner) => Owner == owner.Token && Fence == owner.Fence;
}
