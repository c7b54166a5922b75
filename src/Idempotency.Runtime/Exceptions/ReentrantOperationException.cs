namespace Idempotency;

/// <summary>A body called its own operation with the same key, directly or through others. It would wait for itself for ever.</summary>
public sealed class ReentrantOperationException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public ReentrantOperationException(string operation, string key)
        : base(operation, key, $"Operation {Name(operation, key)} was called from within its own body with the same key; nothing was done. Give the nested call its own key, for example context.ChildKey(step).")
    {
    }
}
