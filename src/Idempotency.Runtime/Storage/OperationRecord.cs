using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>What a store keeps for a key, as it was when it was read.</summary>
public sealed class OperationRecord
{
    /// <summary>The key.</summary>
    public required IdempotencyKey Key { get; init; }

    /// <summary>Where the record stands.</summary>
    public required RecordState State { get; init; }

    /// <summary>Grows with every change of the record. <see cref="IdempotencyOperator"/> resolves the version it has seen or nothing.</summary>
    public required long Version { get; init; }

    /// <summary>The fence of the last grant.</summary>
    public required long Fence { get; init; }

    /// <summary>The last attempt, from 1; 0 when the body was never started.</summary>
    public required int Attempt { get; init; }

    /// <summary>What the last claim was granted for; empty when all arguments are in the key.</summary>
    public ReadOnlyMemory<byte> Fingerprint { get; init; }

    /// <summary>When the last attempt was granted its claim, by the store's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the lease ends unless renewed; only of a record in progress.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>When the record disappears; never set while it is in progress or in doubt.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The outcome of a completed or failed record.</summary>
    public StoredOutcome? Outcome { get; init; }
}
