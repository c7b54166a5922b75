using System.Runtime.CompilerServices;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>All records of a memory store: finds them, locks them, bounds their number and drops the expired ones.</summary>
/// <remarks>
/// Expired records disappear a few at a time, paid for by the calls that add new ones: no timer, and no pause that grows with the
/// number of records, except in a store that is full and needs room now.
/// </remarks>
internal sealed class MemoryTable
{
    private const int ShardBits = 6;

    /// <summary>Two buckets looked at for each record added: the sweep comes round before the store has grown by half.</summary>
    private const int SweptPerAdd = 2;

    private readonly MemoryShard[] _shards = new MemoryShard[1 << ShardBits];
    private readonly MemoryRecord?[][] _tables = new MemoryRecord?[1 << ShardBits][];
    private readonly Lock _sweeping = new();
    private readonly MemoryClock _clock;
    private readonly int _capacity;
    private int _count;

    public MemoryTable(MemoryClock clock, int capacity)
    {
        _clock = clock;
        _capacity = capacity;
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new MemoryShard(_tables, i);
        }
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>The key's record, without a lock. One that was just added may be missed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MemoryRecord? Peek(KeySpace space, ReadOnlySpan<byte> arguments, int hash) =>
        MemoryShard.Find(Volatile.Read(ref _tables[IndexOf(hash)]), space, arguments, hash);

    /// <summary>Adds a record that its maker already owns; <see langword="null"/> when the key has one, or there is no room for another.</summary>
    public MemoryGrant? TryBegin(in MemoryKey key, ReadOnlySpan<byte> fingerprint, TimeSpan lease)
    {
        var shard = ShardOf(key.Hash);
        shard.Enter();
        try
        {
            var now = _clock.Now;
            if (shard.Find(key) is { } known)
            {
                if (!known.IsExpired(now))
                {
                    return null;
                }

                Drop(shard, known);
            }

            Forget(shard.SweepNext(SweptPerAdd, now));
            if (!TryCount())
            {
                return null;
            }

            var record = new MemoryRecord(key);
            record.Begin(fingerprint, lease, now, _clock);
            shard.Add(record);
            return new MemoryGrant(record, record.Fence, record.Fingerprint);
        }
        finally
        {
            shard.Exit();
        }
    }

    /// <summary>Stores the result of a call that <see cref="TryBegin"/> gave its key, unless the key has been given to another.</summary>
    public bool TryComplete(MemoryRecord record, long fence, object? result, TimeSpan retention)
    {
        using var held = Hold(record);
        return record.TryComplete(fence, result, retention, held.Now, _clock);
    }

    /// <summary>Locks a record that was found before. The key may have got another meanwhile, if this one has expired.</summary>
    public Held Hold(MemoryRecord record)
    {
        var shard = ShardOf(record.Hash);
        return new Held(shard, record, Enter(shard));
    }

    /// <summary>Locks the key's record; holds nothing when there is none or it has expired.</summary>
    public Held Hold(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Canonical.IsEmpty)
        {
            return HoldByText(key);
        }

        var sought = new MemoryKey(key);
        var shard = ShardOf(sought.Hash);
        var now = Enter(shard);
        if (shard.Find(sought) is { } record && !record.IsExpired(now))
        {
            return new Held(shard, record, now);
        }

        shard.Exit();
        return default;
    }

    /// <summary>Locks the key's record, a new one when there is none; holds nothing when the store is full.</summary>
    public Held HoldOrAdd(IdempotencyKey key)
    {
        ClaimableKey.Require(key);
        var sought = new MemoryKey(key);
        var shard = ShardOf(sought.Hash);
        for (var isSwept = false; ; isSwept = true)
        {
            var now = Enter(shard);
            var record = shard.Find(sought);
            if (record is not null && !record.IsExpired(now))
            {
                return new Held(shard, record, now);
            }

            if (record is not null)
            {
                Drop(shard, record);
            }

            Forget(shard.SweepNext(SweptPerAdd, now));
            if (TryCount())
            {
                record = new MemoryRecord(sought);
                shard.Add(record);
                return new Held(shard, record, now);
            }

            shard.Exit();
            if (isSwept)
            {
                return default;
            }

            SweepAll(now);
        }
    }

    public int Purge(int max)
    {
        var now = _clock.Now;
        var purged = 0;
        foreach (var shard in _shards)
        {
            purged += Sweep(shard, max - purged, now);
        }

        return purged;
    }

    private static int IndexOf(int hash) => (int)((uint)hash >> (32 - ShardBits)); // the other end of the hash than the buckets use

    private MemoryShard ShardOf(int hash) => _shards[IndexOf(hash)];

    /// <summary>Locks a shard and says when: however long it took to get the lock, what is done under it happens now.</summary>
    private long Enter(MemoryShard shard)
    {
        shard.Enter();
        try
        {
            return _clock.Now;
        }
        catch
        {
            // Thrown on. The clock is the application's to give, and may fail for a while; only the lock must not stay behind.
            shard.Exit();
            throw;
        }
    }

    /// <summary>A key from outside has only its hash; an operator's question may look at every record.</summary>
    private Held HoldByText(IdempotencyKey key)
    {
        foreach (var shard in _shards)
        {
            List<MemoryRecord> candidates;
            shard.Enter();
            try
            {
                candidates = shard.RecordsOf(key.Operation);
            }
            finally
            {
                shard.Exit();
            }

            // Hashed without the lock, which calls wait for.
            if (candidates.Select(static record => record.Key).FirstOrDefault(key.Equals) is { } found)
            {
                return Hold(found);
            }
        }

        return default;
    }

    /// <summary>Removes what has expired: it is as if it had never been, whether or not a sweep has come by.</summary>
    private void Drop(MemoryShard shard, MemoryRecord expired)
    {
        shard.Remove(expired);
        Forget(1);
    }

    /// <summary>Looks at every record, for a store that is full; at none when none can have expired, so that refusing is cheap.</summary>
    private void SweepAll(long now)
    {
        lock (_sweeping)
        {
            foreach (var shard in _shards)
            {
                Sweep(shard, int.MaxValue, now);
            }
        }
    }

    private int Sweep(MemoryShard shard, int max, long now)
    {
        shard.Enter();
        try
        {
            var swept = shard.Sweep(max, now);
            Forget(swept);
            return swept;
        }
        finally
        {
            shard.Exit();
        }
    }

    /// <summary>Counts one record more, if there is room.</summary>
    private bool TryCount()
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

    private void Forget(int records)
    {
        if (records > 0)
        {
            Interlocked.Add(ref _count, -records);
        }
    }

    /// <summary>A locked record and the moment of the step that is made with it, until the end of the scope; or nothing.</summary>
    public readonly ref struct Held(MemoryShard shard, MemoryRecord record, long now)
    {
        public MemoryRecord? Record { get; } = record;

        public long Now { get; } = now;

        public void Dispose()
        {
            if (Record is not null)
            {
                shard.Expect(Record.ExpiresAt);
                shard.Exit();
            }
        }
    }
}
