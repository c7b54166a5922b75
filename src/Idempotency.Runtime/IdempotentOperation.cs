using System.Security.Cryptography;
using System.Text;

namespace Idempotency;

/// <summary>
/// The static description of a guarded method: who it is and what its policies are. The compiler writes one for every
/// <see cref="IdempotentAttribute"/>; make one by hand, once, for code that cannot be annotated, and pass it to
/// <see cref="IdempotencyGuard.RunAsync{TResult}(IdempotentOperation{TResult}, string, Func{IdempotencyContext, Task{TResult}}, CancellationToken)"/>.
/// </summary>
/// <typeparam name="TResult">What the method returns; <see cref="NoResult"/> when it returns nothing.</typeparam>
public sealed class IdempotentOperation<TResult>
{
    private readonly byte[] _keyHeader;

    /// <summary>Describes an operation.</summary>
    /// <param name="name">
    /// The stable name, such as <c>"billing.charge"</c>: it is in every key, metric and message. Changing it starts a new key space.
    /// </param>
    /// <param name="version">Raise it to start a new key space deliberately. At least 1.</param>
    /// <param name="schema">
    /// One line that names everything the key is made of. It is part of every key, so that a renamed, re-ordered or added
    /// argument can never be taken for another. Made from the name and the version when absent.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty or white space.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is less than 1.</exception>
    public IdempotentOperation(string name, int version = 1, string? schema = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Name = name;
        Version = version;
        Schema = schema ?? $"{name} v{version}";
        _keyHeader = SHA256.HashData(Encoding.UTF8.GetBytes(Schema));
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
    public TimeSpan? Ttl { get; init => field = Positive(value); }

    /// <inheritdoc cref="IdempotentAttribute.Lease"/>
    public TimeSpan? Lease { get; init => field = Positive(value); }

    /// <inheritdoc cref="IdempotentAttribute.WaitTimeout"/>
    public TimeSpan? WaitTimeout { get; init => field = Positive(value); }

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
    /// Whether an instance of exactly <typeparamref name="TResult"/> can never change, all the way down. A store in this process
    /// then keeps the object itself; any other result is kept as bytes, so that no caller can change what another one gets.
    /// The compiler sets it where it can prove it; <see langword="false"/> by default.
    /// </summary>
    public bool ResultIsImmutable { get; init; }

    /// <summary>The schema line.</summary>
    public override string ToString() => Schema;

    private static TimeSpan? Positive(TimeSpan? value)
    {
        if (value is { } duration)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero, nameof(value));
        }

        return value;
    }
}
