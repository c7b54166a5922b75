using System.Collections.Concurrent;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// Removes expired records a few at a time, paid for by the calls that add new ones: no timer, and no pause that grows with the
/// number of records, except in a store that is full and needs room now.
/// </summary>
internal sealed class MemorySweep(ConcurrentDictionary<IdempotencyKey, MemoryRecord> records, Func<MemoryRecord, long, bool> tryRemove)
{
    /// <summary>Two records looked at for each one added: the sweep comes round before the store has grown by half.</summary>
    private const int Step = 2;

    private readonly Lock _gate = new();
    private IEnumerator<KeyValuePair<IdempotencyKey, MemoryRecord>>? _cursor;
    private long _earliest = MemoryRecord.Never;

    /// <summary>Looks at the next few records, unless another thread is doing so.</summary>
    public void Advance(long now)
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            _cursor ??= records.GetEnumerator();
            for (var i = 0; i < Step; i++)
            {
                if (!_cursor.MoveNext())
                {
                    _cursor.Dispose();
                    _cursor = null;
                    return;
                }

                tryRemove(_cursor.Current.Value, now);
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Says that a record will expire then, so that a full store knows when searching it is worth while.</summary>
    public void Expect(long expiresAt)
    {
        var earliest = Volatile.Read(ref _earliest);
        while (expiresAt < earliest)
        {
            var seen = Interlocked.CompareExchange(ref _earliest, expiresAt, earliest);
            if (seen == earliest)
            {
                return;
            }

            earliest = seen;
        }
    }

    /// <summary>Looks at every record, for a store that is full; at none when none can have expired, so that refusing is cheap.</summary>
    public void Complete(long now)
    {
        lock (_gate)
        {
            if (now < Volatile.Read(ref _earliest))
            {
                return;
            }

            Volatile.Write(ref _earliest, MemoryRecord.Never);
            foreach (var (_, record) in records)
            {
                if (!tryRemove(record, now))
                {
                    Expect(record.ExpiresAt);
                }
            }
        }
    }
}
