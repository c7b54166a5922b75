using System.Runtime.CompilerServices;

namespace Idempotency.Storage.Files;

/// <summary>A small hash table of packed records, used under its own lock. Open addressing; the entries stay where they are.</summary>
internal sealed class RecordTable
{
    private const int ChunkLength = 16;
    private const int NumberBits = 24;
    private const int NumberMask = (1 << NumberBits) - 1;

    private int[] _slots = [0];
    private RecordEntry[][] _chunks = [];
    private int _used;
    private int _free;
    private int _count;

    /// <summary>The key's entry, or one for which <see cref="IsNone"/> holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public ref RecordEntry Find(in KeyHash key, ulong place)
    {
        for (var i = SlotOf(place); _slots[i] != 0; i = Next(i))
        {
            if (IsTagged(_slots[i], place))
            {
                ref var entry = ref Entry(_slots[i]);
                if (entry.Key == key)
                {
                    return ref entry;
                }
            }
        }

        return ref Unsafe.NullRef<RecordEntry>();
    }

    public static bool IsNone(ref RecordEntry entry) => Unsafe.IsNullRef(ref entry);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public ref RecordEntry FindOrAdd(in KeyHash key, ulong place, out bool isNew)
    {
        ref var found = ref Find(key, place);
        isNew = Unsafe.IsNullRef(ref found);
        if (!isNew)
        {
            return ref found;
        }

        if ((_count + 1) * 4 > _slots.Length * 3)
        {
            Grow();
        }

        var number = Take();
        Entry(number) = default;
        Entry(number).Key = key;
        Insert(number, place);
        _count++;
        return ref Entry(number);
    }

    public void Remove(in KeyHash key, ulong place)
    {
        var i = SlotOf(place);
        while (!IsTagged(_slots[i], place) || Entry(_slots[i]).Key != key)
        {
            i = Next(i);
        }

        ref var removed = ref Entry(_slots[i]);
        var number = _slots[i] & NumberMask;
        removed = default;
        removed.LineLength = _free;
        _free = number;
        _count--;

        // Whoever stands behind the gap and was looked for before it moves into it.
        for (var j = Next(i); _slots[j] != 0; j = Next(j))
        {
            var home = SlotOf(Entry(_slots[j]).Key.Place);
            if (i <= j ? home <= i || home > j : home <= i && home > j)
            {
                _slots[i] = _slots[j];
                i = j;
            }
        }

        _slots[i] = 0;
    }

    public Enumerator GetEnumerator() => new(this);

    private int Take()
    {
        if (_free != 0)
        {
            var number = _free;
            _free = Entry(number).LineLength; // the next free one
            return number;
        }

        if (_used == _chunks.Length * ChunkLength)
        {
            // Where the collector moves nothing: it would else copy every record of a store that is opened, and most of them twice.
            _chunks = [.. _chunks, GC.AllocateArray<RecordEntry>(ChunkLength, pinned: true)];
        }

        return ++_used;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    private void Insert(int number, ulong place)
    {
        var i = SlotOf(place);
        while (_slots[i] != 0)
        {
            i = Next(i);
        }

        _slots[i] = number | TagOf(place);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    private void Grow()
    {
        var old = _slots;
        _slots = new int[(old.Length * 2) + 1];
        foreach (var slot in old)
        {
            if (slot != 0)
            {
                Insert(slot & NumberMask, Entry(slot).Key.Place);
            }
        }
    }

    private ref RecordEntry Entry(int slot)
    {
        var number = (slot & NumberMask) - 1;
        return ref _chunks[number / ChunkLength][number % ChunkLength];
    }

    private int SlotOf(ulong place) => (int)((place >> 20) % (ulong)_slots.Length);

    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;

    /// <summary>A few bits of the key beside the entry's number, so that the wrong entries are seldom looked at.</summary>
    private static int TagOf(ulong place) => (int)(place >> 56) << NumberBits;

    private static bool IsTagged(int slot, ulong place) => slot != 0 && (slot & ~NumberMask) == TagOf(place);

    /// <summary>All entries there are.</summary>
    public ref struct Enumerator(RecordTable table)
    {
        private int _slot = -1;

        public readonly ref RecordEntry Current => ref table.Entry(table._slots[_slot]);

        public bool MoveNext()
        {
            while (++_slot < table._slots.Length)
            {
                if (table._slots[_slot] != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
