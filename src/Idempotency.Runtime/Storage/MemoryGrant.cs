namespace Idempotency.Storage;

/// <summary>What a caller in this process was granted, as it was when its record was locked: the record's own may be another's by now.</summary>
/// <param name="Record">The key's record.</param>
/// <param name="Fence">Who the caller is.</param>
/// <param name="Fingerprint">What it was granted for.</param>
internal readonly record struct MemoryGrant(MemoryRecord Record, long Fence, byte[] Fingerprint);
