using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>A key that knows what it stands for, and not only how it is written.</summary>
internal static class ClaimableKey
{
    /// <exception cref="ArgumentException">The key can only look records up.</exception>
    public static void Require(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Canonical.IsEmpty)
        {
            throw new ArgumentException($"A key made by {nameof(IdempotencyKey)}.{nameof(IdempotencyKey.FromText)} can look a record up, but not claim one.", nameof(key));
        }
    }
}
