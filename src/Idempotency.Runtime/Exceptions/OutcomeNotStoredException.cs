namespace Idempotency;

/// <summary>The effect happened, but its outcome is not in the store. The key is not freed.</summary>
public sealed class OutcomeNotStoredException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public OutcomeNotStoredException(string operation, string key, object? result, string reason, Exception? innerException = null)
        : base(operation, key, $"Operation {Name(operation, key)} has run, but its outcome is not stored: {reason} Do not call it with a new key. The record is left so that the body cannot run again unnoticed.", innerException)
    {
        Result = result;
    }

    /// <summary>
    /// What the body returned, for the call that ran it; <see langword="null"/> when it returned nothing, and for every later
    /// caller of an operation whose result could not be stored.
    /// </summary>
    public object? Result { get; }
}
