using Idempotency.Keys;

namespace Idempotency;

/// <summary>Runs bodies once per intent.</summary>
public sealed class IdempotencyGuard
{
    /// <summary>Runs.</summary>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        scoped ref KeyWriter key,
        TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs.</summary>
    public Task<TResult> RunAsync<TResult>(
        IdempotentOperation<TResult> operation,
        string key,
        Func<IdempotencyContext, Task<TResult>> body,
        CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
