using System.Collections.Concurrent;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>All records of a memory store: finds them, locks them, bounds their number and drops the expired ones.</summary>
internal sealed class MemoryTable
{
    private readonly ConcurrentDictionary<IdempotencyKey, MemoryRecord> _records = new(CanonicalKeyComparer.Instance);
    private readonly ConcurrentDictionary<IdempotencyKey, MemoryRecord>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly MemoryClock _clock;
    private readonly MemorySweep _sweep;
    private readonly int _capacity;
    private int _count;

    public MemoryTable(MemoryClock clock, int capacity)
    {
        _clock = clock;
        _capacity = capacity;
        _sweep = new MemorySweep(_records, TryRemove);
        _byBytes = _records.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>The published outcome, without the lock; <see langword="null"/> when there is none or it has expired.</summary>
    public MemoryRecord.Ending? Ended(ReadOnlySpan<byte> canonicalKey) =>
        _byBytes.TryGetValue(canonicalKey, out var record) && record.Ended is { } ended && ended.ExpiresAt > _clock.Now ? ended : null;

    /// <summary>Locks the key's record; holds nothing when there is none or it has expired.</summary>
    public Held Hold(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Find(key) is not { } record)
        {
            return default;
        }

        Monitor.Enter(record);
        var now = _clock.Now; // under the lock: however long it took to get it, this step happens now
        if (!record.Removed && !record.IsExpired(now))
        {
            return new Held(record, now, _sweep);
        }

        Monitor.Exit(record);
        return default;
    }

    /// <summary>Locks the key's record, a new one when there is none; holds nothing when the store is full.</summary>
    public Held HoldOrAdd(IdempotencyKey key)
    {
        ClaimableKey.Require(key);
        while (true)
        {
            if (_records.TryGetValue(key, out var record))
            {
                Monitor.Enter(record);
                if (!record.Removed)
                {
                    return new Held(record, _clock.Now, _sweep);
                }

                Monitor.Exit(record);
                continue;
            }

            var now = _clock.Now;
            _sweep.Advance(now);
            record = new MemoryRecord(key, _clock);
            Monitor.Enter(record);
            // Found by others before it is counted, so that they wait for its answer instead of being refused its place.
            if (_records.TryAdd(key, record))
            {
                if (TryCount())
                {
                    return new Held(record, now, _sweep);
                }

                Drop(record);
                Monitor.Exit(record);
                return default;
            }

            Monitor.Exit(record);
        }
    }

    public int Purge(int max)
    {
        var now = _clock.Now;
        var removed = 0;
        foreach (var (_, record) in _records)
        {
            if (removed == max)
            {
                break;
            }

            removed += TryRemove(record, now) ? 1 : 0;
        }

        return removed;
    }

    private MemoryRecord? Find(IdempotencyKey key)
    {
        if (!key.Canonical.IsEmpty)
        {
            return _records.TryGetValue(key, out var found) ? found : null;
        }

        // A key from outside has only its hash; an operator's question may look at every record.
        foreach (var (candidate, record) in _records)
        {
            if (candidate.Operation == key.Operation && candidate.Equals(key))
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Counts one record more, if there is room or expired records can make some.</summary>
    private bool TryCount()
    {
        if (TryIncrement())
        {
            return true;
        }

        _sweep.Complete(_clock.Now);
        return TryIncrement();
    }

    private bool TryIncrement()
    {
        for (var count = Count; count < _capacity; count = Count)
        {
            if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryRemove(MemoryRecord record, long now)
    {
        // Looked at first without the lock: a sweep never waits for a record that is in use, nor for one that waits for a sweep.
        if (!record.IsExpired(now))
        {
            return false;
        }

        lock (record)
        {
            if (record.Removed || !record.IsExpired(now))
            {
                return false;
            }

            Drop(record);
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    private void Drop(MemoryRecord record)
    {
        record.Removed = true;
        _records.TryRemove(KeyValuePair.Create(record.Key, record));
    }

    /// <summary>A locked record and the moment of the step that is made with it, until the end of the scope; or nothing.</summary>
    public readonly ref struct Held(MemoryRecord record, long now, MemorySweep sweep)
    {
        public MemoryRecord? Record { get; } = record;

        public long Now { get; } = now;

        public void Dispose()
        {
            if (Record is not null)
            {
                sweep.Expect(Record.ExpiresAt);
                Monitor.Exit(Record);
            }
        }
    }
}
