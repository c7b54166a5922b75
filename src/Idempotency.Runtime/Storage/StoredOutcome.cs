namespace Idempotency.Storage;

/// <summary>What an attempt ended with, as a store keeps it.</summary>
/// <remarks>
/// <see cref="Payload"/> is opaque to a store: a versioned, checksummed envelope that the guard writes and reads. Only a store
/// whose <see cref="IIdempotencyStore.KeepsObjects"/> is <see langword="true"/> is ever given a <see cref="Value"/>, and then
/// without a payload.
/// </remarks>
public sealed class StoredOutcome
{
    /// <summary>An outcome kept as bytes.</summary>
    public StoredOutcome(bool isFailure, ReadOnlyMemory<byte> payload)
    {
        IsFailure = isFailure;
        Payload = payload;
    }

    private StoredOutcome(object? value) => (Value, HasValue) = (value, true);

    /// <summary>Whether it is a failure; the record's state is then <see cref="RecordState.Failed"/>.</summary>
    public bool IsFailure { get; }

    /// <summary>The envelope.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Whether the result itself is kept, because it can never change.</summary>
    public bool HasValue { get; }

    /// <summary>The result itself.</summary>
    public object? Value { get; }

    /// <summary>
    /// What a guard needs to read the payload again, which it has found whole and which in this process stays so. Set without a lock: whoever
    /// comes second sets as good a one.
    /// </summary>
    internal object? Opened { get; set; }

    /// <summary>A result that is kept as the object it is. Only for values that can never change.</summary>
    public static StoredOutcome OfValue(object? value) => new(value);
}
