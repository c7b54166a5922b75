namespace Idempotency;

/// <summary>
/// How exceptions of one exact type are stored and recreated. A type without one is replayed as
/// <see cref="OperationFailedException"/>: nothing is ever made from a type name found in a record.
/// </summary>
public abstract class FailureCodec
{
    private protected FailureCodec(Type type) => Type = type;

    /// <summary>The exception type, exactly: a derived one needs its own codec.</summary>
    public Type Type { get; }

    internal abstract void Save(Exception failure, FailureData data);

    internal abstract Exception Restore(FailureData data);
}
