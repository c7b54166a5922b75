namespace Idempotency.Serialization;

/// <summary>What an envelope holds. The numbers are stored and never change meaning.</summary>
internal enum EnvelopeKind : byte
{
    /// <summary>A result without a value: <see langword="null"/>, or of an operation that returns nothing.</summary>
    Nothing = 0,

    /// <summary>A result as UTF-8 JSON.</summary>
    Json = 1,

    /// <summary>A failure.</summary>
    Failure = 2,

    /// <summary>The operation completed, but its result could not be stored. The content says why, as UTF-8.</summary>
    Unavailable = 3,
}
