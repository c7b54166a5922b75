using System.Numerics;
using System.Runtime.CompilerServices;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// One of the parts a memory store's records are spread over: a hash table under a lock, whose buckets are chains of the records
/// themselves. It is read without the lock, too, where missing a record costs no more than looking again.
/// </summary>
internal sealed class MemoryShard
{
    private readonly Lock _gate = new();
    private readonly MemoryRecord?[][] _tables;
    private readonly int _index;
    private int _count;

    // No record expires before the first. It holds for the next pass of the sweep what was found in this one.
    private long _earliest = MemoryRecord.Never;
    private long _earliestOfPass = MemoryRecord.Never;
    private int _nextSwept;

    /// <param name="tables">The hash tables of all shards in one place, so that a reader without the lock has one step less to its record.</param>
    /// <param name="index">Which of them is this shard's.</param>
    public MemoryShard(MemoryRecord?[][] tables, int index)
    {
        _tables = tables;
        _index = index;
        tables[index] = new MemoryRecord?[4];
    }

    private MemoryRecord?[] Buckets => _tables[_index];

    public void Enter() => _gate.Enter();

    public void Exit() => _gate.Exit();

    /// <summary>The key's record among these. Without the lock one may be missed that is being moved; one that is found is the key's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MemoryRecord? Find(MemoryRecord?[] buckets, KeySpace space, ReadOnlySpan<byte> arguments, int hash)
    {
        for (var record = Volatile.Read(ref buckets[hash & (buckets.Length - 1)]); record is not null; record = record.Next)
        {
            if (record.Hash == hash && record.IsOf(space, arguments))
            {
                return record;
            }
        }

        return null;
    }

    public MemoryRecord? Find(in MemoryKey key) => Find(Buckets, key.Space, key.Arguments, key.Hash);

    public void Add(MemoryRecord record)
    {
        if (_count == Buckets.Length)
        {
            Grow();
        }

        ref var bucket = ref BucketOf(record);
        record.Next = bucket;
        Volatile.Write(ref bucket, record); // readers without the lock see it whole
        _count++;
    }

    public void Remove(MemoryRecord record)
    {
        // The record keeps its own link: a reader without the lock that stands on it goes on to the others.
        ref var bucket = ref BucketOf(record);
        if (ReferenceEquals(bucket, record))
        {
            bucket = record.Next;
        }
        else
        {
            var before = bucket!;
            while (!ReferenceEquals(before.Next, record))
            {
                before = before.Next!;
            }

            before.Next = record.Next;
        }

        _count--;
    }

    /// <summary>Says that a record will expire then, so that it is looked for when that is worth while.</summary>
    public void Expect(long expiresAt)
    {
        _earliest = Math.Min(_earliest, expiresAt);
        _earliestOfPass = Math.Min(_earliestOfPass, expiresAt);
    }

    /// <summary>Removes expired records from the next few buckets, if there can be any.</summary>
    /// <returns>How many.</returns>
    public int SweepNext(int buckets, long now)
    {
        var swept = 0;
        for (var i = 0; i < buckets && now >= _earliest; i++)
        {
            swept += Sweep(_nextSwept++, now, int.MaxValue);
            if (_nextSwept == Buckets.Length)
            {
                BeginPass(_earliestOfPass);
            }
        }

        return swept;
    }

    /// <summary>Removes up to so many expired records, if there can be any.</summary>
    /// <returns>How many.</returns>
    public int Sweep(int max, long now)
    {
        if (now < _earliest)
        {
            return 0;
        }

        var swept = 0;
        for (_nextSwept = 0; _nextSwept < Buckets.Length && swept < max; _nextSwept++)
        {
            swept += Sweep(_nextSwept, now, max - swept);
        }

        BeginPass(swept < max ? _earliestOfPass : _earliest);
        return swept;
    }

    /// <summary>The records of one operation.</summary>
    public List<MemoryRecord> RecordsOf(string operation)
    {
        var records = new List<MemoryRecord>();
        foreach (var first in Buckets)
        {
            for (var record = first; record is not null; record = record.Next)
            {
                if (record.Space.Operation == operation)
                {
                    records.Add(record);
                }
            }
        }

        return records;
    }

    private void BeginPass(long earliest)
    {
        _earliest = earliest;
        _earliestOfPass = MemoryRecord.Never;
        _nextSwept = 0;
    }

    private int Sweep(int bucket, long now, int max)
    {
        var swept = 0;
        for (var record = Buckets[bucket]; record is not null; record = record.Next)
        {
            if (swept < max && record.IsExpired(now))
            {
                Remove(record);
                swept++;
            }
            else
            {
                _earliestOfPass = Math.Min(_earliestOfPass, record.ExpiresAt);
            }
        }

        return swept;
    }

    private void Grow()
    {
        var larger = new MemoryRecord?[checked((int)BitOperations.RoundUpToPowerOf2((uint)_count + 1))];
        var earliest = MemoryRecord.Never;
        foreach (var first in Buckets)
        {
            for (var record = first; record is not null;)
            {
                var next = record.Next;
                ref var bucket = ref larger[record.Hash & (larger.Length - 1)];
                record.Next = bucket;
                bucket = record;
                earliest = Math.Min(earliest, record.ExpiresAt);
                record = next;
            }
        }

        BeginPass(earliest); // the buckets that the present one has seen are others now
        Volatile.Write(ref _tables[_index], larger);
    }

    private ref MemoryRecord? BucketOf(MemoryRecord record) => ref Buckets[record.Hash & (Buckets.Length - 1)];
}
