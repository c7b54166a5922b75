namespace Idempotency;

/// <summary>The attempt lost its key while its body ran, and its outcome is not the stored one: its effect may have happened twice.</summary>
public sealed class LeaseLostException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public LeaseLostException(string operation, string key, object? result, Exception? innerException = null)
        : base(operation, key, $"Operation {Name(operation, key)} lost its lease while its body ran: another attempt took the key over, or the lease could not be renewed in time. This outcome is not stored and the effect may have happened twice. Compare with the stored outcome, and raise Lease if pauses outlast it.", innerException)
    {
        Result = result;
    }

    private LeaseLostException(string operation, string key, string message, Exception innerException)
        : base(operation, key, message, innerException)
    {
    }

    internal static LeaseLostException OverLimit(string operation, string key, TimeSpan limit, Exception innerException) => new(
        operation,
        key,
        $"Operation {Name(operation, key)} was asked to stop after {limit}, the ExecutionLimit of the options, and did. Its lease is no longer renewed; " +
        "whether its effect happened is for its body to say. Raise ExecutionLimit if bodies need longer.",
        innerException);

    internal static LeaseLostException RolledBackOverLimit(string operation, string key, TimeSpan limit, Exception innerException) => new(
        operation,
        key,
        $"Operation {Name(operation, key)} was asked to stop after {limit}, the ExecutionLimit of the options, and did. Its transaction was rolled back, so " +
        "that nothing of it is in the database. Raise ExecutionLimit if bodies need longer.",
        innerException);

    /// <summary>What this attempt's body returned; <see langword="null"/> when it returned nothing or stopped because the lease was lost.</summary>
    public object? Result { get; }
}
