namespace Idempotency;

/// <summary>The key was used before with other arguments. Nothing was done: it is another intent under the same key.</summary>
public sealed class IdempotencyKeyReusedException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public IdempotencyKeyReusedException(string operation, string key)
        : base(operation, key, $"Operation {Name(operation, key)} was called before with the same key and other arguments; nothing was done. Send the same arguments again, or a new key for a new intent.")
    {
    }
}
