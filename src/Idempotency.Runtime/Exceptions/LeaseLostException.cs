namespace Idempotency;

/// <summary>The body ended, but another attempt had taken the key over: its effect may have happened twice.</summary>
public sealed class LeaseLostException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public LeaseLostException(string operation, string key, object? result, Exception? innerException = null)
        : base(operation, key, $"Operation {Name(operation, key)} ended after another attempt had taken its key over, so its outcome was not stored; the effect may have happened twice. Compare with the stored outcome, and raise Lease if bodies or pauses outlast it.", innerException)
    {
        Result = result;
    }

    /// <summary>What this attempt's body returned; <see langword="null"/> when it returned nothing or stopped because the lease was lost.</summary>
    public object? Result { get; }
}
