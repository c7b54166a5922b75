using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>A store whose calls go wrong as a test says: the n-th of all, the n-th of an operation, or those a plan picks.</summary>
/// <remarks>
/// Safe to use from any thread. Without a fault a call goes through as it came. A call that hangs does so for ever, also when its
/// token is cancelled, as one does whose connection is dead: the guard has timeouts for it.
/// </remarks>
public sealed class FaultInjectingStore : IIdempotencyStore
{
    private readonly IIdempotencyStore _inner;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<StoreCall> _calls = [];
    private readonly int[] _counts = new int[Enum.GetValues<StoreOperation>().Length];

    /// <summary>Puts faults in front of a store.</summary>
    /// <param name="inner">The store that keeps the records.</param>
    /// <param name="timeProvider">The clock of delays; the system's when absent.</param>
    public FaultInjectingStore(IIdempotencyStore inner, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _time = timeProvider ?? TimeProvider.System;
        KeepsObjects = inner.KeepsObjects;
    }

    /// <summary>Asked at every call for what goes wrong with it. Nothing does at first.</summary>
    public Func<StoreCall, StoreFault> Plan { get; set; } = static _ => StoreFault.None;

    /// <summary>How long a <see cref="StoreFault.Delayed"/> call or the copy of a <see cref="StoreFault.Duplicated"/> one is on its way; 1 second by default.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Makes what a call throws that is <see cref="StoreFault.Refused"/> or whose <see cref="StoreFault.AnswerLost"/>; an <see cref="IOException"/> by default.</summary>
    public Func<StoreCall, Exception> Failure { get; set; } =
        static call => new IOException($"Injected at call {call.Number} of the store, {call.Operation} number {call.OperationNumber}.");

    /// <summary>Runs before every call, for a test that acts between two steps. Nothing at first.</summary>
    public Action<StoreCall>? Before { get; set; }

    /// <summary>Runs after every call that was applied, whether or not its answer will be heard. Nothing at first.</summary>
    public Action<StoreCall>? After { get; set; }

    /// <summary>Replaces the answer of a claim that was applied, such as by one that nobody can read. Nothing at first.</summary>
    public Func<Claim, Claim>? Answer { get; set; }

    /// <summary>Whether the guard may give and peek at objects, as if the store were in this process. What the inner store says by default.</summary>
    public bool KeepsObjects { get; init; }

    /// <summary>What was called so far, in order, whether or not it arrived.</summary>
    public IReadOnlyList<StoreCall> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>How often an operation was called so far.</summary>
    public int Count(StoreOperation operation) => Calls.Count(call => call.Operation == operation);

    /// <summary>One call of all goes wrong.</summary>
    /// <param name="number">Which, from 1; calls so far included.</param>
    /// <param name="fault">What happens to it.</param>
    public void FailAt(int number, StoreFault fault) => Plan = call => call.Number == number ? fault : StoreFault.None;

    /// <summary>One call of an operation goes wrong.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="number">Which call of it, from 1; calls so far included.</param>
    /// <param name="fault">What happens to it.</param>
    public void FailAt(StoreOperation operation, int number, StoreFault fault) =>
        Plan = call => call.Operation == operation && call.OperationNumber == number ? fault : StoreFault.None;

    /// <summary>Every call of an operation goes wrong, until <see cref="Heal"/>.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="fault">What happens to it.</param>
    public void FailAlways(StoreOperation operation, StoreFault fault = StoreFault.Refused) =>
        Plan = call => call.Operation == operation ? fault : StoreFault.None;

    /// <summary>From now on nothing goes wrong. What hangs goes on hanging.</summary>
    public void Heal() => Plan = static _ => StoreFault.None;

    /// <inheritdoc/>
    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint) =>
        Answer is null && KeepsObjects ? _inner.TryPeek(canonicalKey, fingerprint) : null;

    /// <inheritdoc/>
    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        CallAsync(StoreOperation.Claim, key, request.Token, async cancellation =>
        {
            var claim = await _inner.TryClaimAsync(key, request, cancellation).ConfigureAwait(false);
            return Answer?.Invoke(claim) ?? claim;
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync(StoreOperation.Renew, key, owner.Token, cancellation => _inner.RenewAsync(key, owner, lease, cancellation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        CallAsync(
            StoreOperation.Complete, key, owner.Token, cancellation => _inner.CompleteAsync(key, owner, outcome, retention, cancellation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        CallAsync(StoreOperation.Release, key, owner.Token, cancellation => _inner.ReleaseAsync(key, owner, cancellation), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        await CallAsync(StoreOperation.Abandon, key, token, async cancellation =>
        {
            await _inner.AbandonAsync(key, token, cancellation).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        CallAsync(StoreOperation.Get, key, null, cancellation => _inner.GetAsync(key, cancellation), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        await CallAsync(StoreOperation.Wait, key, null, async cancellation =>
        {
            await _inner.WaitAsync(key, version, timeout, cancellation).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        CallAsync(
            StoreOperation.Resolve, key, null, cancellation => _inner.ResolveAsync(key, version, outcome, retention, cancellation), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) =>
        CallAsync(StoreOperation.Purge, null, null, cancellation => _inner.PurgeAsync(max, cancellation), cancellationToken);

    private async ValueTask<TAnswer> CallAsync<TAnswer>(
        StoreOperation operation,
        IdempotencyKey? key,
        OwnerToken? token,
        Func<CancellationToken, ValueTask<TAnswer>> send,
        CancellationToken cancellationToken)
    {
        var call = Note(operation, key, token);
        Before?.Invoke(call);
        switch (Plan(call))
        {
            case StoreFault.None:
                return await ApplyAsync(cancellationToken).ConfigureAwait(false);
            case StoreFault.Refused:
                throw Failure(call);
            case StoreFault.AnswerLost:
                await ApplyAsync(CancellationToken.None).ConfigureAwait(false);
                throw Failure(call);
            case StoreFault.Delayed:
                await Task.Delay(Delay, _time, cancellationToken).ConfigureAwait(false);
                return await ApplyAsync(cancellationToken).ConfigureAwait(false);
            case StoreFault.Vanished:
                return await HangAsync<TAnswer>().ConfigureAwait(false);
            case StoreFault.Silent:
                await ApplyAsync(CancellationToken.None).ConfigureAwait(false);
                return await HangAsync<TAnswer>().ConfigureAwait(false);
            case StoreFault.Duplicated:
                var answer = await ApplyAsync(cancellationToken).ConfigureAwait(false);
                _ = SendCopyAsync(send);
                return answer;
            case var unknown:
                throw new InvalidOperationException($"{nameof(Plan)} answered {unknown}, which is no fault.");
        }

        async ValueTask<TAnswer> ApplyAsync(CancellationToken cancellation)
        {
            var answer = await send(cancellation).ConfigureAwait(false);
            After?.Invoke(call);
            return answer;
        }
    }

    private StoreCall Note(StoreOperation operation, IdempotencyKey? key, OwnerToken? token)
    {
        lock (_gate)
        {
            var call = new StoreCall(_calls.Count + 1, operation, ++_counts[(int)operation], key, token);
            _calls.Add(call);
            return call;
        }
    }

    private async Task SendCopyAsync<TAnswer>(Func<CancellationToken, ValueTask<TAnswer>> send)
    {
        try
        {
            if (Delay > TimeSpan.Zero)
            {
                await Task.Delay(Delay, _time, CancellationToken.None).ConfigureAwait(false);
            }

            await send(CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Nobody hears what becomes of a copy, whatever it is; its caller has long been answered.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static Task<TAnswer> HangAsync<TAnswer>() => new TaskCompletionSource<TAnswer>().Task;
}
