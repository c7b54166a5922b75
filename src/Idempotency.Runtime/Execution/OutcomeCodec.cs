using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Idempotency.Keys;
using Idempotency.Serialization;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>Turns results and failures into what a store keeps, and what it kept into results and exceptions.</summary>
internal sealed class OutcomeCodec(JsonContracts contracts, FailureOptions failures, int maxResultBytes)
{
    /// <summary>Shared by all operations that return nothing; boxed once, so that replaying it allocates nothing.</summary>
    private static readonly StoredOutcome s_nothing = StoredOutcome.OfValue(default(NoResult));

    /// <summary>Finds out before the key is claimed what can be known of a result that does not exist yet.</summary>
    /// <exception cref="InvalidOperationException">The result's type has no contract to store it with.</exception>
    public void RequireContract<TResult>(IdempotentOperation<TResult> operation, bool keepsObjects)
    {
        if (typeof(TResult) != typeof(NoResult) && !(keepsObjects && operation.ResultIsImmutable))
        {
            ContractOf(operation);
        }
    }

    /// <summary>Whether <see cref="RequireContract"/> is known to have no objection, for a store that keeps objects.</summary>
    public bool IsReady<TResult>(IdempotentOperation<TResult> operation) =>
        typeof(TResult) == typeof(NoResult) || operation.ResultIsImmutable || contracts.IsKnown(operation.ResultContract);

    /// <summary>The object that is kept of a result, for a store that keeps objects; <see langword="false"/> when bytes are.</summary>
    public static bool TryKeep<TResult>(IdempotentOperation<TResult> operation, TResult result, out object? kept)
    {
        kept = typeof(TResult) == typeof(NoResult) ? s_nothing.Value : IsKeptAsObject(operation, result) ? result : null;
        return kept is not null and not StoredOutcome;
    }

    /// <summary>Reads what a store that keeps objects has kept, if that is the result of a call of this operation and can be read.</summary>
    public bool TryReadKept<TResult>(IdempotentOperation<TResult> operation, object? kept, out TResult result)
    {
        result = default!;
        if (kept is StoredOutcome stored)
        {
            return !stored.HasValue && TryReadJson(operation, stored, ref result);
        }

        if (kept is null)
        {
            return result is null;
        }

        // To compare two types is quicker than to ask whether one is the other, and nearly always enough.
        if (kept.GetType() != typeof(TResult) && kept is not TResult)
        {
            return false;
        }

        result = (TResult)kept;
        return true;
    }

    /// <summary>
    /// Says how a result is stored. A result that is kept as bytes is read back at once, so that the first caller gets just what
    /// every later one will get.
    /// </summary>
    public EncodedResult<TResult> Encode<TResult>(IdempotentOperation<TResult> operation, TResult result, bool keepsObjects)
    {
        if (keepsObjects && IsKeptAsObject(operation, result))
        {
            return new EncodedResult<TResult>(result is NoResult ? s_nothing : StoredOutcome.OfValue(result), result);
        }

        if (result is null or NoResult)
        {
            return new EncodedResult<TResult>(Store(operation, EnvelopeKind.Nothing, TagOf(typeof(TResult)), default), result);
        }

        byte[] json;
        TResult copy;
        bool isFaithful;
        try
        {
            var contract = ContractOf(operation);
            json = JsonSerializer.SerializeToUtf8Bytes(result, contract);
            copy = json.Length > maxResultBytes ? result : JsonSerializer.Deserialize(json, contract)!;
            isFaithful = json.Length > maxResultBytes || IsFaithful(result, json, copy, contract);
        }
        catch (Exception failure)
        {
            // Converters and properties are the user's code and may throw anything. The effect has happened, so whatever it is, the
            // key must stay taken and the live result must reach the caller.
            return Unavailable(operation, result, $"its result of type '{typeof(TResult)}' cannot be serialized and read back.", failure);
        }

        if (!isFaithful)
        {
            return Unavailable(operation, result, $"its result of type '{typeof(TResult)}' is not the same when it is read back from JSON.");
        }

        return json.Length > maxResultBytes
            ? Unavailable(operation, result, $"its result has {json.Length} bytes and {nameof(IdempotencyOptions.MaxResultBytes)} is {maxResultBytes}.")
            : new EncodedResult<TResult>(Store(operation, EnvelopeKind.Json, TagOf(typeof(TResult)), json), copy);
    }

    /// <summary>Says how a failure is stored. It never throws: the caller has to get the failure itself.</summary>
    public StoredOutcome Encode<TResult>(IdempotentOperation<TResult> operation, Exception failure) =>
        Store(operation, EnvelopeKind.Failure, TagOf(failure.GetType()), ContentOf(operation, failure), isFailure: true);

    /// <summary>Reads a stored outcome: a result, or the failure to throw.</summary>
    /// <exception cref="UnreadableRecordException">It cannot be read as an outcome of this operation.</exception>
    /// <exception cref="OutcomeNotStoredException">The operation completed, but its result is not in the store.</exception>
    /// <exception cref="InvalidOperationException">The result's type has no contract to read it with.</exception>
    public Recalled<TResult> Recall<TResult>(IdempotentOperation<TResult> operation, IdempotencyKey key, StoredOutcome outcome)
    {
        if (outcome.HasValue)
        {
            return outcome.Value switch
            {
                TResult result => new Recalled<TResult>(result, null),
                null when default(TResult) is null => default,
                var other => throw Unreadable(key, $"it holds a '{other?.GetType()}' where the operation returns '{typeof(TResult)}'."),
            };
        }

        Envelope envelope;
        try
        {
            envelope = Envelope.Read(outcome.Payload, TagOf(typeof(TResult)));
        }
        catch (InvalidDataException failure)
        {
            throw Unreadable(key, failure.Message, failure);
        }

        return envelope.Kind switch
        {
            EnvelopeKind.Failure => new Recalled<TResult>(default!, Restore(operation, key, envelope)),
            EnvelopeKind.Unavailable => throw new OutcomeNotStoredException(key.Operation, key.Text, null, Encoding.UTF8.GetString(envelope.Content.Span)),
            EnvelopeKind.Nothing or EnvelopeKind.Json when envelope.TypeTag != TagOf(typeof(TResult)) =>
                throw Unreadable(key, $"it holds a '{envelope.TypeTag}' where the operation returns '{typeof(TResult)}'."),
            EnvelopeKind.Nothing => default,
            EnvelopeKind.Json => new Recalled<TResult>(ReadJson(operation, key, envelope.Content.Span), null),
            _ => throw Unreadable(key, $"it holds an outcome of the unknown kind {(byte)envelope.Kind}."),
        };
    }

    /// <summary>How a type is known in a record. Names of generic arguments carry no assembly versions.</summary>
    private static string TagOf(Type type) => type.ToString();

    private static bool IsKeptAsObject<TResult>(IdempotentOperation<TResult> operation, TResult result) =>
        result is null or NoResult
        || (operation.ResultIsImmutable && (typeof(TResult).IsValueType || result.GetType() == typeof(TResult)));

    /// <summary>
    /// Whether a result survives being stored. One that loses its type or its values on the way would be lost for its first caller,
    /// who gets it as it is read back.
    /// </summary>
    private static bool IsFaithful<TResult>(TResult result, byte[] json, TResult copy, JsonTypeInfo<TResult> contract)
    {
        var mayDiffer = contract.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary; // an array may come back as a list
        if (!mayDiffer && copy?.GetType() != result!.GetType())
        {
            return false;
        }

        // Written again: what differs was lost, unless the result is never written the same way twice, which tells nothing.
        return json.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(copy, contract))
            || !json.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(result, contract));
    }

    private static StoredOutcome Store<TResult>(
        IdempotentOperation<TResult> operation, EnvelopeKind kind, string typeTag, ReadOnlyMemory<byte> content, bool isFailure = false) =>
        new(isFailure, new Envelope(kind, operation.Version, typeTag, content).Write());

    private static EncodedResult<TResult> Unavailable<TResult>(
        IdempotentOperation<TResult> operation, TResult result, string reason, Exception? failure = null) =>
        new(Store(operation, EnvelopeKind.Unavailable, TagOf(typeof(TResult)), Encoding.UTF8.GetBytes(reason)), result, reason, failure);

    private static UnreadableRecordException Unreadable(IdempotencyKey key, string reason, Exception? failure = null) =>
        new(key.Operation, key.Text, reason, failure);

    private JsonTypeInfo<TResult> ContractOf<TResult>(IdempotentOperation<TResult> operation) => contracts.For(operation.Name, operation.ResultContract);

    private bool TryReadJson<TResult>(IdempotentOperation<TResult> operation, StoredOutcome stored, ref TResult result)
    {
        try
        {
            if (stored.Opened is not OpenedJson<TResult> opened || !opened.IsFor(contracts, operation.ResultContract))
            {
                var envelope = Envelope.Read(stored.Payload, TagOf(typeof(TResult)));
                if (envelope.Kind != EnvelopeKind.Json || envelope.TypeTag != TagOf(typeof(TResult)))
                {
                    return false;
                }

                stored.Opened = opened = new OpenedJson<TResult>(contracts, operation.ResultContract, ContractOf(operation), envelope.Content);
            }

            result = JsonSerializer.Deserialize(opened.Json.Span, opened.Contract)!;
            return true;
        }
        catch (Exception)
        {
            // Whatever it is, the long way will meet it again and say what it means.
            return false;
        }
    }

    private TResult ReadJson<TResult>(IdempotentOperation<TResult> operation, IdempotencyKey key, ReadOnlySpan<byte> json)
    {
        var contract = ContractOf(operation);
        try
        {
            return JsonSerializer.Deserialize(json, contract)!;
        }
        catch (Exception failure)
        {
            // Converters and constructors are the user's code and may throw anything; a result that cannot be read is never absent.
            throw Unreadable(key, $"its result cannot be read as '{typeof(TResult)}'.", failure);
        }
    }

    private byte[] ContentOf<TResult>(IdempotentOperation<TResult> operation, Exception failure)
    {
        var message = "";
        try
        {
            message = failure.Message;
            var data = new FailureData(message);
            CodecOf(operation, codec => codec.Type == failure.GetType())?.Save(failure, data);
            var content = FailureContent.Write(data);
            return content.Length <= maxResultBytes ? content : FailureContent.Write(new FailureData(message));
        }
        catch (Exception)
        {
            // The exception's message and its codec are the user's code and may throw anything. Without them the failure is still one.
            return FailureContent.Write(new FailureData(message ?? ""));
        }
    }

    private Exception Restore<TResult>(IdempotentOperation<TResult> operation, IdempotencyKey key, Envelope envelope)
    {
        FailureData data;
        try
        {
            data = FailureContent.Read(envelope.Content.Span);
        }
        catch (InvalidDataException failure)
        {
            return Unreadable(key, failure.Message, failure);
        }

        if (CodecOf(operation, codec => TagOf(codec.Type) == envelope.TypeTag) is not { } codec)
        {
            return new OperationFailedException(key.Operation, key.Text, envelope.TypeTag, data.Message);
        }

        try
        {
            return codec.Restore(data);
        }
        catch (Exception failure)
        {
            // The codec is the user's code and may throw anything; the stored failure must not be lost in it.
            return new UnreadableRecordException(
                key.Operation, key.Text, $"its failure of type '{envelope.TypeTag}' was refused by the codec registered for it.", failure);
        }
    }

    private FailureCodec? CodecOf<TResult>(IdempotentOperation<TResult> operation, Func<FailureCodec, bool> isIts) =>
        operation.Failures.FirstOrDefault(isIts) ?? failures.Codecs.FirstOrDefault(isIts);
}
