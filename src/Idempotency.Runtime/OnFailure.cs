namespace Idempotency;

/// <summary>What happens to the key when the body throws. <c>LockOn</c> and <c>UnlockOn</c> decide by exception type first.</summary>
public enum OnFailure
{
    /// <summary>The key is freed and the exception reaches the caller; the next call runs the body. The default.</summary>
    Unlock = 0,

    /// <summary>
    /// The failure is stored and duplicates get it again until the retention ends. A cancellation is never stored.
    /// </summary>
    Lock = 1,
}
