using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<IdempotencyKey, MemoryRecord> _records = new(CanonicalKeyComparer.Instance);
    private readonly ConcurrentDictionary<IdempotencyKey, MemoryRecord>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly MemoryClock _clock;
    private readonly MemorySweep _sweep;
    private readonly TimeSpan _tombstone;
    private readonly int _capacity;
    private int _count;

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
        _sweep = new MemorySweep(_records, TryRemove);
        _byBytes = _records.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>How many records there are, expired ones that were not removed yet included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public bool KeepsObjects => true;

    /// <inheritdoc/>
    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint)
    {
        if (!_byBytes.TryGetValue(canonicalKey, out var record) || record.Ended is not { } ended || ended.ExpiresAt <= _clock.Now)
        {
            return null;
        }

        return ended.Fingerprint.Span.SequenceEqual(fingerprint) ? ended.Answer : Claim.Mismatch;
    }

    /// <inheritdoc/>
    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var now = _clock.Now;
            if (!_records.TryGetValue(key, out var record))
            {
                record = new MemoryRecord(key, _clock);
                var granted = record.Claim(request, now);
                if (!TryReserve(now))
                {
                    throw new StoreFullException(key.Operation, key.Text, _capacity);
                }

                if (TryPublish(record))
                {
                    return new ValueTask<Claim>(granted);
                }

                continue; // another caller added the key first
            }

            lock (record)
            {
                if (!record.Removed)
                {
                    return new ValueTask<Claim>(record.Claim(request, now));
                }
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(key) is not { } record)
        {
            return new ValueTask<OwnerAnswer>(OwnerAnswer.Fenced);
        }

        lock (record)
        {
            return new ValueTask<OwnerAnswer>(record.Removed ? OwnerAnswer.Fenced : record.Renew(owner, lease, _clock.Now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(key) is not { } record)
        {
            return new ValueTask<OwnerAnswer>(OwnerAnswer.Fenced);
        }

        lock (record)
        {
            var answer = record.Removed ? OwnerAnswer.Fenced : record.Complete(owner, outcome, retention, _clock.Now);
            _sweep.Expect(record.ExpiresAt);
            return new ValueTask<OwnerAnswer>(answer);
        }
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(key) is not { } record)
        {
            return new ValueTask<OwnerAnswer>(OwnerAnswer.Fenced);
        }

        lock (record)
        {
            var answer = record.Removed ? OwnerAnswer.Fenced : record.Release(owner, _tombstone, _clock.Now);
            _sweep.Expect(record.ExpiresAt);
            return new ValueTask<OwnerAnswer>(answer);
        }
    }

    /// <inheritdoc/>
    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var now = _clock.Now;
            if (Find(key) is not { } record)
            {
                record = new MemoryRecord(key, _clock);
                record.Abandon(token, _tombstone, now);
                // In a full store a claim that is still on its way may cost one lease; that is all a tombstone prevents.
                if (!TryReserve(now) || TryPublish(record))
                {
                    break;
                }

                continue;
            }

            lock (record)
            {
                if (record.Removed)
                {
                    continue;
                }

                record.Abandon(token, _tombstone, now);
                _sweep.Expect(record.ExpiresAt);
                break;
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(key) is not { } record)
        {
            return default;
        }

        lock (record)
        {
            return new ValueTask<OperationRecord?>(record.Removed || record.IsExpired(_clock.Now) ? null : record.Describe());
        }
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        (Task Changed, TimeSpan Longest)? watch = null;
        if (Find(key) is { } record)
        {
            lock (record)
            {
                watch = record.Watch(version, _clock.Now);
            }
        }

        if (watch is { } watched)
        {
            var longest = timeout < watched.Longest ? timeout : watched.Longest;
            await watched.Changed.WaitAsync(longest, _clock.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(key) is not { } record)
        {
            return new ValueTask<bool>(false);
        }

        lock (record)
        {
            var resolved = !record.Removed && record.Resolve(version, outcome, retention, _tombstone, _clock.Now);
            _sweep.Expect(record.ExpiresAt);
            return new ValueTask<bool>(resolved);
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        cancellationToken.ThrowIfCancellationRequested();
        var removed = 0;
        foreach (var (_, record) in _records)
        {
            if (removed == max)
            {
                break;
            }

            removed += TryRemove(record) ? 1 : 0;
        }

        return new ValueTask<int>(removed);
    }

    private bool TryReserve(long now)
    {
        if (Interlocked.Increment(ref _count) <= _capacity)
        {
            return true;
        }

        _sweep.Complete(now);
        if (Volatile.Read(ref _count) <= _capacity)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    private bool TryPublish(MemoryRecord record)
    {
        if (!_records.TryAdd(record.Key, record))
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _sweep.Expect(record.ExpiresAt);
        _sweep.Advance();
        return true;
    }

    private bool TryRemove(MemoryRecord record)
    {
        lock (record)
        {
            if (record.Removed || !record.IsExpired(_clock.Now))
            {
                return false;
            }

            record.Removed = true;
            _records.TryRemove(KeyValuePair.Create(record.Key, record));
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    private MemoryRecord? Find(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Canonical.IsEmpty)
        {
            // A key from outside has only its hash; an operator's question may look at every record.
            return _records.Values.FirstOrDefault(record => record.Key.Equals(key));
        }

        return _records.GetValueOrDefault(key);
    }
}
