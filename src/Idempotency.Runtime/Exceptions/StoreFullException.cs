namespace Idempotency;

/// <summary>The store has no room for a new key, and it never drops a live one to make room. The body did not run.</summary>
public sealed class StoreFullException : StoreUnavailableException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public StoreFullException(string operation, string key, long capacity)
        : base(
            operation,
            key,
            innerException: null,
            $"Operation {Name(operation, key)} found no room in its store, which holds {capacity} live records and drops none of them. The body did " +
            "not run. Raise the capacity, shorten Ttl, or send the call again when records have expired.") => Capacity = capacity;

    /// <summary>How many records the store may hold.</summary>
    public long Capacity { get; }
}
