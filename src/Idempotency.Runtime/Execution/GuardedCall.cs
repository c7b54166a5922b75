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
    /// <summary>Its caller's wait for another's attempt, if that has begun already.</summary>
    public Claimer.Waiting? Waiting { get; init; }
}
