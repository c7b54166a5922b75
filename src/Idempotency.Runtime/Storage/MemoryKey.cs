using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>A key as it is looked for in memory, with its bytes still where the caller has them.</summary>
internal readonly ref struct MemoryKey
{
    public MemoryKey(KeySpace space, ReadOnlySpan<byte> arguments, int hash)
    {
        Space = space;
        Arguments = arguments;
        Hash = hash;
    }

    public MemoryKey(IdempotencyKey key)
        : this(key.Space, key.Arguments, HashOf(key.Space, key.Arguments))
    {
    }

    public KeySpace Space { get; }

    /// <summary>The canonical bytes after the space's header.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    public int Hash { get; }

    public static int HashOf(KeySpace space, ReadOnlySpan<byte> arguments)
    {
        var hash = BucketHash.Of(space.Hash, arguments);
        return (int)(hash ^ (hash >> 32));
    }
}
