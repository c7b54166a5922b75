using Idempotency.Keys;

namespace Idempotency.Execution;

/// <summary>One call of a guarded operation.</summary>
internal readonly record struct GuardedCall<TState, TResult>(
    IdempotentOperation<TResult> Operation,
    StoreCalls Store,
    IdempotencyKey Key,
    byte[] Fingerprint,
    TState State,
    Func<TState, IdempotencyContext, ValueTask<TResult>> Body)
{
    /// <summary>When its caller began to wait for another's attempt, by the guard's clock; <see langword="null"/> when it has not.</summary>
    public long? WaitsSince { get; init; }
}
