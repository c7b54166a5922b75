namespace Idempotency;

/// <summary>This call was made before and the operation refuses duplicates (<see cref="OnDuplicate.Throw"/>). Nothing was done.</summary>
public sealed class DuplicateOperationException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public DuplicateOperationException(string operation, string key)
        : base(operation, key, $"Operation {Name(operation, key)} was called before and refuses duplicates; nothing was done. Use OnDuplicate.Return to get the first outcome again.")
    {
    }
}
