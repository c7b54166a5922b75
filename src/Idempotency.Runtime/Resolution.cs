using Idempotency.Serialization;

namespace Idempotency;

/// <summary>What a person found out about a record in doubt.</summary>
public abstract class Resolution
{
    private protected Resolution()
    {
    }

    /// <summary>The effect happened, of an operation that returns nothing: later callers succeed.</summary>
    public static Resolution Complete() => Complete(default(NoResult));

    /// <summary>The effect happened, with this result: later callers get it.</summary>
    /// <typeparam name="TResult">Just the operation's result type; of any other, the record would be unreadable for it.</typeparam>
    public static Resolution Complete<TResult>(TResult result) => new Completed<TResult>(result);

    /// <summary>The operation failed for good: later callers get the failure.</summary>
    /// <param name="failureType">The full name of the exception's type. It is replayed as itself where a codec is registered for it.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="ArgumentException">The type's name is empty.</exception>
    public static Resolution Fail(string failureType, string message)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(failureType);
        ArgumentNullException.ThrowIfNull(message);
        return new Failed(failureType, message);
    }

    /// <summary>The effect did not happen, and never will: the next caller runs the body.</summary>
    /// <param name="ownerIsDead">
    /// Confirms that the process that owned the record has ended. While it lives its body may still have the effect, and releasing
    /// the key would let it happen twice.
    /// </param>
    /// <exception cref="ArgumentException">It was not confirmed.</exception>
    public static Resolution Release(bool ownerIsDead)
    {
        if (!ownerIsDead)
        {
            throw new ArgumentException(
                "A key may be released only when the process that owned it has ended; a living one may still have the effect. Make sure of it and pass true.",
                nameof(ownerIsDead));
        }

        return new Released();
    }

    /// <summary>What is stored, as an envelope; <see langword="null"/> to free the key.</summary>
    internal abstract Envelope? ToEnvelope(JsonContracts contracts, string operation);

    private sealed class Completed<TResult>(TResult result) : Resolution
    {
        internal override Envelope? ToEnvelope(JsonContracts contracts, string operation) =>
            result is null or NoResult
                ? new Envelope(EnvelopeKind.Nothing, 1, typeof(TResult).ToString(), default)
                : new Envelope(EnvelopeKind.Json, 1, typeof(TResult).ToString(), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(result, contracts.For<TResult>(operation)));

        public override string ToString() => "completed";
    }

    private sealed class Failed(string failureType, string message) : Resolution
    {
        internal override Envelope? ToEnvelope(JsonContracts contracts, string operation) =>
            new Envelope(EnvelopeKind.Failure, 1, failureType, FailureContent.Write(new FailureData(message)));

        public override string ToString() => "failed";
    }

    private sealed class Released : Resolution
    {
        internal override Envelope? ToEnvelope(JsonContracts contracts, string operation) => null;

        public override string ToString() => "released";
    }
}
