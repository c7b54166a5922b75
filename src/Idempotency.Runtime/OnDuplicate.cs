namespace Idempotency;

/// <summary>What a call gets whose key was claimed before.</summary>
public enum OnDuplicate
{
    /// <summary>
    /// The stored outcome; while the first call still runs, <see cref="OperationInProgressException"/> at once. The default.
    /// </summary>
    Return = 0,

    /// <summary>
    /// The stored outcome, after waiting up to <c>WaitTimeout</c> for the first call to end. If that call frees the key or
    /// its owner dies, exactly one waiter takes over and runs the body.
    /// </summary>
    Wait = 1,

    /// <summary><see cref="DuplicateOperationException"/>, whether the first call still runs or has ended.</summary>
    Throw = 2,
}
