namespace Idempotency;

/// <summary>
/// The store could not be asked, or its answer did not arrive. The guard fails closed: a body that had not been started was not
/// started.
/// </summary>
public class StoreUnavailableException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public StoreUnavailableException(string operation, string key, string reason, Exception? innerException = null)
        : base(
            operation,
            key,
            $"Operation {Name(operation, key)} could not reach its store: {reason} The body did not run. Send the call again when the store answers.",
            innerException)
    {
    }

    private protected StoreUnavailableException(string operation, string key, Exception? innerException, string message)
        : base(operation, key, message, innerException)
    {
    }
}
