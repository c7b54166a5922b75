using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Idempotency.Execution;
using Idempotency.Keys;
using Idempotency.Serialization;
using Idempotency.Storage;
using Idempotency.Telemetry;
using Microsoft.Extensions.Logging;

namespace Idempotency;

/// <summary>
/// Runs bodies once per intent. Generated code calls it for methods marked <see cref="IdempotentAttribute"/>; call it directly
/// for code that cannot be annotated. One instance serves a whole process and is safe to use from any thread.
/// </summary>
public sealed class IdempotencyGuard : IDisposable
{
    private readonly StoreSet _stores;
    private readonly KeyHasher _hasher;
    private readonly LeaseKeeper _leases;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly GuardedExecution _execution;
    private readonly MemoryExecution _memory;
    private readonly MemoryWait _memoryWait;
    private readonly TransactionalExecution _transactions;
    private volatile bool _isDisposed;

    internal IdempotencyGuard(
        Func<string, IIdempotencyStore?> stores,
        Func<IEnumerable<string>> storeNames,
        IdempotencyOptions options,
        TimeProvider time,
        ILoggerFactory? loggers,
        IMeterFactory? meters,
        IEnumerable<ITransactionAdapter>? adapters = null)
    {
        options = options.Copy();
        Options = options;
        Contracts = new JsonContracts(options.JsonTypeInfoResolvers, useReflection: true);
        _telemetry = new IdempotencyTelemetry(time, loggers, meters);
        _stores = new StoreSet(stores, storeNames, options.StoreTimeout, time, _telemetry);
        _hasher = new KeyHasher(options.KeySecret);
        _leases = new LeaseKeeper(time, options.ExecutionLimit, _telemetry);
        var codec = new OutcomeCodec(Contracts, options.Failures, options.MaxResultBytes);
        var claimer = new Claimer(time, options, _telemetry);
        _execution = new GuardedExecution(time, options, codec, claimer, _leases, _telemetry);
        _memory = new MemoryExecution(time, options, codec, _leases, _execution, _telemetry);
        _memoryWait = new MemoryWait(time, options, codec, claimer, _execution, _telemetry);
        _transactions = new TransactionalExecution(time, options, codec, new TransactionSubjects([.. adapters ?? []]), _telemetry);
    }

    internal IdempotencyOptions Options { get; }

    internal JsonContracts Contracts { get; }

    internal IdempotencyTelemetry Telemetry => _telemetry;

    /// <summary>Makes a guard without dependency injection.</summary>
    /// <param name="store">Where records are kept.</param>
    /// <param name="options">How calls behave; the defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">The clock; the system's when absent.</param>
    /// <param name="loggerFactory">Where to log; nowhere when absent.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public static IdempotencyGuard Create(
        IIdempotencyStore store, IdempotencyOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new IdempotencyOptions();
        if (options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        return new IdempotencyGuard(
            name => name.Length == 0 ? store : null, static () => [], options, timeProvider ?? TimeProvider.System, loggerFactory, meters: null);
    }

    /// <summary>Runs the body, or answers with the outcome of the call that did. This is what generated code calls.</summary>
    /// <param name="operation">What is run, and by which policies.</param>
    /// <param name="key">The canonical arguments. The writer is used up by this call.</param>
    /// <param name="state">Handed to the body, so that it needs no closure.</param>
    /// <param name="body">The work. It runs in the caller's flow, at most once per claim.</param>
    /// <param name="cancellationToken">
    /// Ends claiming and waiting. It does not reach a running body unless <see cref="IdempotentOperation{TResult}.CancelBody"/> says so.
    /// </param>
    /// <exception cref="IdempotencyException">One of its kinds, when the call is refused or its outcome could not be kept.</exception>
    /// <exception cref="InvalidOperationException">The operation names a store that is not registered, or its result has no contract, or it wants a
    /// transaction that its store cannot give.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled before the body ran.</exception>
    /// <exception cref="ArgumentException">The key was not begun with the operation's <see cref="IdempotentOperation{TResult}.KeyHeader"/>.</exception>
    /// <exception cref="ObjectDisposedException">The guard was disposed, so that nothing would renew a lease.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // generated methods stay small
    public ValueTask<TResult> RunAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        scoped ref KeyWriter key,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(body);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!key.Header.SequenceEqual(operation.KeyHeader))
        {
            throw new ArgumentException($"The key of a call of '{operation.Name}' must begin with that operation's KeyHeader, and a writer is good for one call.", nameof(key));
        }

        var store = _stores[operation.Store];
        return key.FingerprintParts.IsEmpty
            ? CallAsync(operation, store, ref key, [], in state, body, cancellationToken)
            : CallWithFingerprintAsync(operation, store, ref key, in state, body, cancellationToken);
    }

    /// <summary>Runs code that cannot be annotated, such as a lambda, once per key.</summary>
    /// <param name="operation">What is run, and by which policies. Make it once and keep it, for example in a static field.</param>
    /// <param name="key">What identifies the intent within the operation, such as a message id.</param>
    /// <param name="body">The work.</param>
    /// <param name="cancellationToken">Ends claiming and waiting, as for annotated methods.</param>
    /// <exception cref="ArgumentException">The key is empty: calls without a key must not share one.</exception>
    /// <inheritdoc cref="RunAsync{TState, TResult}" path="/exception"/>
    public Task<TResult> RunAsync<TResult>(
        IdempotentOperation<TResult> operation,
        string key,
        Func<IdempotencyContext, Task<TResult>> body,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var writer = new KeyWriter(operation.KeyHeader, stackalloc byte[256]);
        writer.Add(key);
        return RunAsync(operation, ref writer, body, static (body, context) => new ValueTask<TResult>(body(context)), cancellationToken).AsTask();
    }

    /// <inheritdoc cref="RunAsync{TResult}(IdempotentOperation{TResult}, string, Func{IdempotencyContext, Task{TResult}}, CancellationToken)"/>
    public Task RunAsync(
        IdempotentOperation<NoResult> operation,
        string key,
        Func<IdempotencyContext, Task> body,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var writer = new KeyWriter(operation.KeyHeader, stackalloc byte[256]);
        writer.Add(key);
        return RunAsync(operation, ref writer, body, static (body, context) => NoResult.After(body(context)), cancellationToken).AsTask();
    }

    /// <summary>Stops renewing leases. Dispose a guard only when nothing runs under it any more; its stores are not its own.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _leases.Dispose();
    }

    internal StoreCalls StoreOf(string? name) => _stores[name];

    [MethodImpl(MethodImplOptions.NoInlining)] // so that its buffer is not cleared in calls without a fingerprint
    private ValueTask<TResult> CallWithFingerprintAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        StoreCalls store,
        scoped ref KeyWriter key,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        Span<byte> fingerprint = stackalloc byte[KeyHasher.HashLength];
        _hasher.Hash(key.FingerprintParts, fingerprint);
        return CallAsync(operation, store, ref key, fingerprint, in state, body, cancellationToken);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // whatever was profiled: every call goes through it
    private ValueTask<TResult> CallAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        StoreCalls store,
        scoped ref KeyWriter key,
        scoped ReadOnlySpan<byte> fingerprint,
        in TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        var space = operation.SpaceOf(_hasher);
        var arguments = key.Arguments;
        var isShort = operation.Transaction is null && !cancellationToken.IsCancellationRequested && !RunningBody.Holds(store.Store, space, arguments);
        if (isShort && store.Memory is { } memory)
        {
            var hash = MemoryKey.HashOf(space, arguments);
            if (_memory.TryReplay(operation, memory, space, arguments, hash, fingerprint, out var result))
            {
                key.Dispose();
                return new ValueTask<TResult>(result);
            }

            if (_memory.TryRun(operation, store, memory, space, arguments, hash, fingerprint, in state, body, cancellationToken, out var begun)
                || _memoryWait.TryWait(operation, store, memory, space, arguments, hash, fingerprint, in state, body, cancellationToken, out begun))
            {
                key.Dispose();
                return begun;
            }
        }

        if (isShort
            && store.Memory is null
            && operation.OnDuplicate != OnDuplicate.Throw
            && !_telemetry.IsObserved
            && store.Store.TryPeek(key.Key, fingerprint) is Claim.Finished { Outcome.Value: TResult peeked })
        {
            key.Dispose();
            return new ValueTask<TResult>(peeked);
        }

        return CallAnyStoreAsync(operation, store, space, ref key, fingerprint, state, body, cancellationToken);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // so that what it copies has no place in the frame of a duplicate
    private ValueTask<TResult> CallAnyStoreAsync<TState, TResult>(
        IdempotentOperation<TResult> operation,
        StoreCalls store,
        KeySpace space,
        scoped ref KeyWriter key,
        scoped ReadOnlySpan<byte> fingerprint,
        TState state,
        Func<TState, IdempotencyContext, ValueTask<TResult>> body,
        CancellationToken cancellationToken)
    {
        var call = new GuardedCall<TState, TResult>(
            operation, store, new IdempotencyKey(space, key.Key.ToArray()), fingerprint.ToArray(), state, body);
        key.Dispose();
        return operation.Transaction is null ? _execution.RunAsync(call, cancellationToken) : _transactions.RunAsync(call, cancellationToken);
    }
}
