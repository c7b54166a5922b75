namespace Idempotency.Generator.Model;

/// <summary>How a value is written to a key.</summary>
internal abstract record KeyShape
{
    private KeyShape()
    {
    }

    /// <summary>The key writer knows the type; an enum is cast to what it is underneath.</summary>
    public sealed record Scalar(string? Cast = null) : KeyShape;

    public sealed record Bytes(CollectionKind Kind) : KeyShape;

    public sealed record Nullable(KeyShape Inner) : KeyShape;

    public sealed record List(CollectionKind Kind, string ElementType, KeyShape Element) : KeyShape;

    public sealed record Set(string ElementType, KeyShape Element) : KeyShape;

    public sealed record Map(string KeyType, KeyShape Key, string ValueType, KeyShape Value) : KeyShape;

    /// <summary>A value with a fixed number of members and no type of its own that others could derive from.</summary>
    public sealed record Tuple(EquatableArray<WriterMember> Elements) : KeyShape;

    /// <summary>Written by the writer with this id. By name, so that a type can contain itself.</summary>
    public sealed record Composite(string WriterId) : KeyShape;

    /// <summary>The type says itself what its identity is.</summary>
    public sealed record Part : KeyShape;
}

/// <summary>How the elements of a collection are reached.</summary>
internal enum CollectionKind
{
    Enumerable,
    ImmutableArray,
    Memory,
    ArraySegment,
}
