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

    /// <summary>For a body that ran in a transaction of its store, which is certain to have been rolled back.</summary>
    internal static StoreUnavailableException AfterRollback(string operation, string key, string reason, Exception innerException) => new(
        operation,
        key,
        innerException,
        $"Operation {Name(operation, key)} ran its body in a transaction that was rolled back, and could not repeat it: {reason} Nothing of it is in " +
        "the database. Send the call again when the store answers.");
}
