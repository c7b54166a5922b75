using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency;

/// <summary>
/// Remembers keys in this process's memory. Fast, and gone with the process: after a restart every call is a first one. The
/// default store, the one for tests, and the reference for what every other store does.
/// </summary>
/// <remarks>
/// Time is monotonic: a change of the wall clock changes nothing. Expired records disappear a few at a time as new keys arrive.
/// All members are safe to use from any thread.
/// </remarks>
public sealed class MemoryStore : IIdempotencyStore
{
    /// <summary>Far below what a timer can count to; a wait may end early.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly MemoryClock _clock;
    private readonly MemoryTable _table;
    private readonly TimeSpan _tombstone;
    private readonly int _capacity;

    /// <summary>Makes an empty store.</summary>
    /// <param name="options">Its bounds; the defaults when absent.</param>
    /// <param name="timeProvider">Its clock; the system's when absent.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public MemoryStore(MemoryStoreOptions? options = null, TimeProvider? timeProvider = null)
    {
        options ??= new MemoryStoreOptions();
        if (options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _capacity = options.Capacity;
        _tombstone = options.TombstoneRetention;
        _clock = new MemoryClock(timeProvider ?? TimeProvider.System);
        _table = new MemoryTable(_clock, _capacity);
    }

    /// <summary>How many records there are, expired ones that were not removed yet included.</summary>
    public int Count => _table.Count;

    /// <inheritdoc/>
    public bool KeepsObjects => true;

    internal MemoryClock Clock => _clock;

    internal MemoryTable Table => _table;

    /// <inheritdoc/>
    /// <remarks>The guard looks into the table itself; this is for stores that wrap this one.</remarks>
    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint)
    {
        if (canonicalKey.IsEmpty)
        {
            return null; // a key that came from outside
        }

        var key = IdempotencyKey.FromCanonical(nameof(TryPeek), canonicalKey);
        if (_table.Peek(key.Space, key.Arguments, MemoryKey.HashOf(key.Space, key.Arguments)) is not { } record || !record.TryRecall(_clock, out var outcome))
        {
            return null;
        }

        return record.HasFingerprint(fingerprint) ? new Claim.Finished(MemoryRecord.OutcomeOf(outcome)) : Claim.Mismatch;
    }

    /// <inheritdoc/>
    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.HoldOrAdd(key);
        return new ValueTask<Claim>(
            held.Record?.Claim(request, held.Now, _clock) ?? throw new StoreFullException(key.Operation, key.Text, _capacity));
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.Hold(key);
        return new ValueTask<OwnerAnswer>(held.Record?.Renew(owner, lease, held.Now, _clock) ?? OwnerAnswer.Fenced);
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.Hold(key);
        return new ValueTask<OwnerAnswer>(held.Record?.Complete(owner, outcome, retention, held.Now, _clock) ?? OwnerAnswer.Fenced);
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.Hold(key);
        return new ValueTask<OwnerAnswer>(held.Record?.Release(owner, _tombstone, held.Now, _clock) ?? OwnerAnswer.Fenced);
    }

    /// <inheritdoc/>
    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.HoldOrAdd(key);
        // In a full store a claim that is still on its way may cost one lease; that is all a tombstone prevents.
        held.Record?.Abandon(token, _tombstone, held.Now, _clock);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.Hold(key);
        return new ValueTask<OperationRecord?>(held.Record?.Describe(_clock));
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Watch(key, version) is { } watched && timeout > TimeSpan.Zero)
        {
            var longest = TimeSpan.FromTicks(Math.Min(Math.Min(timeout.Ticks, watched.Longest.Ticks), s_longestWait.Ticks));
            await watched.Changed.WaitAsync(longest, _clock.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = _table.Hold(key);
        return new ValueTask<bool>(held.Record?.Resolve(version, outcome, retention, _tombstone, held.Now, _clock) ?? false);
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(_table.Purge(max));
    }

    private (Task Changed, TimeSpan Longest)? Watch(IdempotencyKey key, long version)
    {
        using var held = _table.Hold(key);
        return held.Record?.Watch(version, held.Now);
    }
}
