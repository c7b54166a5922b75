using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Idempotency.Keys;

namespace Idempotency.Execution;

/// <summary>The one call that generated code makes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedCall
{
    /// <summary>Runs <paramref name="body"/> under the guard, or answers with the outcome of the call that did.</summary>
    /// <exception cref="InvalidOperationException">The guard is <see langword="null"/>.</exception>
    [DebuggerStepThrough]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ValueTask<TResult> RunAsync<TState, TResult>(
        IdempotencyGuard? guard,
        IdempotentOperation<TResult> operation,
        scoped ref KeyWriter key,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return (guard ?? throw Missing(operation.Name)).RunAsync(operation, ref key, in state, body, cancellationToken);
    }

    /// <summary>The same for a synchronous method: blocks while the store does.</summary>
    /// <exception cref="InvalidOperationException">The guard is <see langword="null"/>.</exception>
    [DebuggerStepThrough]
    public static TResult Run<TState, TResult>(
        IdempotencyGuard? guard,
        IdempotentOperation<TResult> operation,
        scoped ref KeyWriter key,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        var call = RunAsync(guard, operation, ref key, in state, body, cancellationToken);
        return call.IsCompletedSuccessfully ? call.Result : call.AsTask().GetAwaiter().GetResult();
    }

    private static InvalidOperationException Missing(string operation) => new(
        $"Operation '{operation}' has no guard: the {nameof(IdempotencyGuard)} it was given is null. Register it with " +
        $"services.AddIdempotency() and let the constructor take it, or make one with {nameof(IdempotencyGuard)}.Create(store).");
}
