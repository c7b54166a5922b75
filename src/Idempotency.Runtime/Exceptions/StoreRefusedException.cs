namespace Idempotency;

/// <summary>
/// The store must not be used as it is: it would not keep what the operation's policy promises, or it has lost what it kept. Nothing was
/// claimed, the body did not run, and trying again changes nothing until somebody has acted.
/// </summary>
public sealed class StoreRefusedException : StoreUnavailableException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    /// <param name="operation">The operation's stable name.</param>
    /// <param name="key">The key, as it is known outside the process.</param>
    /// <param name="reason">What is wrong and what to do about it, as sentences.</param>
    /// <param name="innerException">What the store's client said, if it did.</param>
    public StoreRefusedException(string operation, string key, string reason, Exception? innerException = null)
        : base(operation, key, innerException, $"Operation {Name(operation, key)} was refused by its store: {reason} The body did not run.")
    {
    }
}
