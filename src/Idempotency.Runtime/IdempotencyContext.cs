using System.Security.Cryptography;
using System.Text;
using Idempotency.Execution;

namespace Idempotency;

/// <summary>
/// What a body may know of the attempt it runs in. A body method that takes a parameter of this type, at any place, is given it;
/// it is never part of the key.
/// </summary>
public abstract class IdempotencyContext
{
    // Not the usual encoding: it would make one key of two steps that differ in half a surrogate pair.
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private protected IdempotencyContext()
    {
    }

    /// <summary>
    /// The context of the innermost guarded body that the present flow of control is inside of, for code that is not handed one;
    /// <see langword="null"/> outside of every body. It follows async calls, and what the body starts, until the body has ended: what
    /// still runs then is inside of the next outer body that has not, or of none.
    /// </summary>
    public static IdempotencyContext? Current => RunningBody.Innermost;

    /// <summary>The operation's stable name.</summary>
    public abstract string Operation { get; }

    /// <summary>
    /// The key's identity as 64 hexadecimal digits: the same for every attempt of one intent, in every process, and safe to hand
    /// to a downstream service as its idempotency key. It reveals no argument when <see cref="IdempotencyOptions.KeySecret"/> is set.
    /// </summary>
    public abstract string Key { get; }

    /// <summary>
    /// A number that grows with every claim in the whole store; where several servers share its keys, with every claim of the key, and their
    /// clocks decide between keys. A downstream that refuses a smaller one than it has seen stops an
    /// old attempt from acting after a new one; it does not stop the same effect from happening twice.
    /// </summary>
    public abstract long Fence { get; }

    /// <summary>Which attempt of this key is running, from 1. For people and logs; never decide by it.</summary>
    public abstract int Attempt { get; }

    /// <summary>
    /// Cancelled when this attempt can no longer count on owning its key: it was taken over, or could not be renewed in time.
    /// Start nothing new then; what is already done may be completed.
    /// </summary>
    public abstract CancellationToken LeaseLost { get; }

    /// <summary>
    /// The token the guard hands to a body that takes one: cancelled when the lease is lost or the execution limit passes, and,
    /// with <see cref="IdempotentAttribute.CancelBody"/>, when the caller cancels.
    /// </summary>
    public abstract CancellationToken CancellationToken { get; }

    /// <summary>
    /// The transaction in which this attempt's claim, what the body does in it and the outcome are committed together, or what works
    /// in it, as <see cref="IdempotentOperation{TResult}.Transaction"/> asked for. A body method takes it as a parameter instead. The
    /// guard commits it and rolls it back; the body must do neither.
    /// </summary>
    /// <exception cref="InvalidOperationException">The operation did not ask for it, or asked for another type.</exception>
    public virtual TTransaction GetTransaction<TTransaction>()
        where TTransaction : class => throw new InvalidOperationException(
            $"Operation '{Operation}' runs in no transaction. Set {nameof(IdempotentOperation<>.Transaction)} = typeof({typeof(TTransaction).Name}) on its description.");

    /// <summary>
    /// The key of one step of this intent, for a body that makes several outgoing calls: the same for every attempt, different
    /// for every <paramref name="step"/>, 64 hexadecimal digits.
    /// </summary>
    /// <exception cref="ArgumentException">The step is empty, or not well-formed Unicode.</exception>
    public string ChildKey(string step)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        return Convert.ToHexStringLower(SHA256.HashData(s_strictUtf8.GetBytes($"{Key}/{step}")));
    }
}
