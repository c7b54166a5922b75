namespace Idempotency;

/// <summary>The record exists but cannot be read. It is never treated as absent: the body did not run.</summary>
public sealed class UnreadableRecordException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public UnreadableRecordException(string operation, string key, string reason, Exception? innerException = null)
        : base(operation, key, $"Operation {Name(operation, key)} has a record that cannot be read: {reason} The body did not run. Deploy a version that reads it, or inspect the record before removing it.", innerException)
    {
    }
}
