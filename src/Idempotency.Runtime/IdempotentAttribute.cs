namespace Idempotency;

/// <summary>
/// Runs the method once per intent. Put it on a partial method without a body; the compiler writes the guard around the
/// body method, which is found by name: <c>ChargeAsync</c> runs <c>ChargeCoreAsync</c>, <c>Charge</c> runs <c>ChargeCore</c>.
/// </summary>
/// <remarks>
/// Durations are text such as <c>"250ms"</c>, <c>"30s"</c>, <c>"5m"</c>, <c>"24h"</c>, <c>"7d"</c> or <c>"1.00:00:00"</c>.
/// The compiler parses them; a malformed or non-positive one is an error at the argument.
/// </remarks>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class IdempotentAttribute : Attribute
{
    /// <summary>
    /// Retention: how long an outcome is remembered, counted from completion.
    /// <see cref="IdempotencyOptions.DefaultTtl"/> when absent.
    /// </summary>
    public string? Ttl { get; set; }

    /// <summary>
    /// How long a claim lasts unless renewed; it is renewed every third of this while the body runs. After a crash others wait
    /// this long. <see cref="IdempotencyOptions.DefaultLease"/> when absent.
    /// </summary>
    public string? Lease { get; set; }

    /// <summary>
    /// The longest a duplicate waits under <see cref="OnDuplicate.Wait"/> before it gets
    /// <see cref="OperationInProgressException"/>. <see cref="IdempotencyOptions.DefaultWaitTimeout"/> when absent.
    /// </summary>
    public string? WaitTimeout { get; set; }

    /// <summary>What a duplicate gets. <see cref="OnDuplicate.Return"/> by default.</summary>
    public OnDuplicate OnDuplicate { get; set; }

    /// <summary>What a failure of the body does to the key. <see cref="OnFailure.Unlock"/> by default.</summary>
    public OnFailure OnFailure { get; set; }

    /// <summary>
    /// Exception types, derived ones included and cancellations never, that are stored although <see cref="OnFailure"/> is
    /// <see cref="OnFailure.Unlock"/>. A type listed here with a constructor whose parameters are strings that match its
    /// properties is replayed as itself; see <see cref="IdempotencyOptions.Failures"/> for every other.
    /// </summary>
    public Type[] LockOn { get; set; } = [];

    /// <summary>
    /// Exception types, derived ones included, that free the key although <see cref="OnFailure"/> is
    /// <see cref="OnFailure.Lock"/>. Under <see cref="OnCrash.Hold"/> this states that such an exception is thrown only when the
    /// effect did not happen. Where a type matches both lists, the more derived entry wins.
    /// </summary>
    public Type[] UnlockOn { get; set; } = [];

    /// <summary>What happens when an owner vanishes. <see cref="OnCrash.Retry"/> by default.</summary>
    public OnCrash OnCrash { get; set; }

    /// <summary>
    /// Whether the caller's token reaches the running body. <see langword="false"/> by default: the token ends claiming and
    /// waiting only, so that a client that hangs up after the effect cannot lose the outcome. When <see langword="true"/>, a
    /// cancellation is an ambiguous failure: in doubt under <see cref="OnCrash.Hold"/>, otherwise the key is freed, because a
    /// cancellation is never stored.
    /// </summary>
    public bool CancelBody { get; set; }

    /// <summary>The named store, as registered with <c>AddStore</c>. The default store when absent.</summary>
    public string? Store { get; set; }

    /// <summary>
    /// A template such as <c>"invoice:{userId}:{order.Id}"</c> that says what identifies the intent; the other arguments become
    /// the fingerprint. Two methods with the same template never share a record. All arguments are the key when absent.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>
    /// The operation's stable identity, such as <c>"billing.charge"</c>. The method's full signature when absent, so that
    /// renaming or moving it starts a new key space; with a name it does not.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>Part of the identity, 1 by default, at least 1. Raise it to start a new key space deliberately.</summary>
    public int Version { get; set; } = 1;

    /// <summary>The body method's name, where it is not the conventional one.</summary>
    public string? Body { get; set; }

    /// <summary>The member or parameter of type <see cref="IdempotencyGuard"/> to use, where there are several.</summary>
    public string? Guard { get; set; }
}
