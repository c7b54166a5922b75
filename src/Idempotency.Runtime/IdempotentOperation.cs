using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Idempotency.Keys;

namespace Idempotency;

/// <summary>
/// The static description of a guarded method: who it is and what its policies are. The compiler writes one for every
/// <see cref="IdempotentAttribute"/>; make one by hand, once, for code that cannot be annotated, and pass it to
/// <see cref="IdempotencyGuard.RunAsync{TResult}(IdempotentOperation{TResult}, string, Func{IdempotencyContext, Task{TResult}}, CancellationToken)"/>.
/// </summary>
/// <typeparam name="TResult">What the method returns; <see cref="NoResult"/> when it returns nothing.</typeparam>
public sealed class IdempotentOperation<TResult>
{
    // Not the usual encoding: it would make one name of two that differ in half a surrogate pair.
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _keyHeader;
    private KeySpace? _space;

    /// <summary>Describes an operation.</summary>
    /// <param name="name">
    /// The stable name, such as <c>"billing.charge"</c>: it is in every key, metric and message. Changing it starts a new key space.
    /// </param>
    /// <param name="version">Raise it to start a new key space deliberately. At least 1.</param>
    /// <param name="schema">
    /// One line that names everything the key is made of. It is part of every key, so that a renamed, re-ordered or added
    /// argument can never be taken for another. Made from the name and the version when absent.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, or the schema does not start with it or does not hold the version.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is less than 1.</exception>
    public IdempotentOperation(string name, int version = 1, string? schema = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Name = name;
        Version = version;
        Schema = schema ?? $"{name} v{version}";
        if (!Schema.StartsWith(name, StringComparison.Ordinal) || !Schema.Contains($" v{version}", StringComparison.Ordinal))
        {
            throw new ArgumentException($"The schema must start with the name '{name}' and hold its version as ' v{version}', because it is all that keys have of them.", nameof(schema));
        }

        _keyHeader = SHA256.HashData(s_strictUtf8.GetBytes(Schema));
    }

    /// <summary>The stable name.</summary>
    public string Name { get; }

    /// <summary>The version of the key space.</summary>
    public int Version { get; }

    /// <summary>What the key is made of, in one line: <c>billing.charge v1: userId:i32, amount:dec</c>.</summary>
    public string Schema { get; }

    /// <summary>What every key of this operation starts with: the SHA-256 of <see cref="Schema"/>.</summary>
    public ReadOnlySpan<byte> KeyHeader => _keyHeader;

    /// <inheritdoc cref="IdempotentAttribute.Ttl"/>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 1 millisecond to 3,650 days.</exception>
    public TimeSpan? Ttl { get; init => field = InRange(value, IdempotencyOptions.MaxTtl); }

    /// <inheritdoc cref="IdempotentAttribute.Lease"/>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 1 millisecond to 1 day.</exception>
    public TimeSpan? Lease { get; init => field = InRange(value, IdempotencyOptions.MaxLease); }

    /// <inheritdoc cref="IdempotentAttribute.WaitTimeout"/>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 1 millisecond to 1 day.</exception>
    public TimeSpan? WaitTimeout { get; init => field = InRange(value, IdempotencyOptions.MaxWaitTimeout); }

    /// <inheritdoc cref="IdempotentAttribute.OnDuplicate"/>
    public OnDuplicate OnDuplicate { get; init; }

    /// <inheritdoc cref="IdempotentAttribute.OnFailure"/>
    public OnFailure OnFailure { get; init; }

    /// <inheritdoc cref="IdempotentAttribute.LockOn"/>
    public IReadOnlyList<Type> LockOn { get; init; } = [];

    /// <inheritdoc cref="IdempotentAttribute.UnlockOn"/>
    public IReadOnlyList<Type> UnlockOn { get; init; } = [];

    /// <summary>How the exceptions this operation stores are recreated, before <see cref="IdempotencyOptions.Failures"/> is asked.</summary>
    public IReadOnlyList<FailureCodec> Failures { get; init; } = [];

    /// <inheritdoc cref="IdempotentAttribute.OnCrash"/>
    public OnCrash OnCrash { get; init; }

    /// <inheritdoc cref="IdempotentAttribute.CancelBody"/>
    public bool CancelBody { get; init; }

    /// <inheritdoc cref="IdempotentAttribute.Store"/>
    public string? Store { get; init; }

    /// <summary>
    /// The type of transaction in which the body runs, such as <c>NpgsqlTransaction</c>, or of what works in one, such as a
    /// <c>DbContext</c>. The claim, what the body does in it and the outcome are then committed together, exactly once for effects in
    /// the same database; the store has to be an <see cref="Storage.ITransactionalStore"/>. <see langword="null"/> by default: the
    /// body runs outside of the store. <see cref="Lease"/> and <see cref="OnCrash"/> say nothing about such an operation, because the
    /// death of its owner rolls everything back.
    /// </summary>
    public Type? Transaction { get; init; }

    /// <summary>
    /// Whether an instance of exactly <typeparamref name="TResult"/> can never change, all the way down. A store in this process
    /// then keeps the object itself; any other result is kept as bytes, so that no caller can change what another one gets.
    /// The compiler sets it where it can prove it; <see langword="false"/> by default.
    /// </summary>
    public bool ResultIsImmutable { get; init; }

    /// <summary>
    /// The JSON contract that results are kept with, such as <c>ShopJson.Default.Receipt</c> of a <c>JsonSerializerContext</c>, before
    /// <see cref="IdempotencyOptions.JsonTypeInfoResolvers"/> are asked; <see langword="null"/> by default. With it an operation made by hand
    /// needs no registered contract in a trimmed or AOT-compiled application.
    /// </summary>
    /// <remarks>
    /// It says what the stored bytes look like, and must read what it wrote before: changing it is like changing the result's type.
    /// <see cref="IdempotencyOperator"/>, which knows an operation by its name only, does not know of it: where people resolve records of the
    /// operation with a result, register the same contract in <see cref="IdempotencyOptions.JsonTypeInfoResolvers"/>, too.
    /// </remarks>
    public JsonTypeInfo<TResult>? ResultContract { get; init; }

    /// <summary>The schema line.</summary>
    public override string ToString() => Schema;

    /// <summary>What the keys have in common that this hasher makes identities of: usually one for the process.</summary>
    internal KeySpace SpaceOf(KeyHasher hasher)
    {
        var space = _space;
        return space is not null && ReferenceEquals(space.Hasher, hasher) ? space : _space = new KeySpace(Name, _keyHeader, hasher);
    }

    private static TimeSpan? InRange(TimeSpan? value, TimeSpan most)
    {
        if (value is { } duration)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(duration, IdempotencyOptions.LeastDuration, nameof(value));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, most, nameof(value));
        }

        return value;
    }
}
