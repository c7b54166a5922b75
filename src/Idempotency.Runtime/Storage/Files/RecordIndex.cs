namespace Idempotency.Storage.Files;

/// <summary>
/// The last record of every key, in memory. Changed by one thread at a time. Any thread may look a key up meanwhile and gets
/// a record that is or was the last one, or none.
/// </summary>
/// <remarks>Many small tables instead of one, so that growing never takes longer than a caller would notice.</remarks>
internal sealed class RecordIndex
{
    private const int Tables = 1024;
    private readonly FileRecord?[][] _slots = new FileRecord?[Tables][];
    private readonly int[] _counts = new int[Tables];

    /// <summary>One empty slot, too few to put anything in: the tables share it until they grow.</summary>
    public RecordIndex() => Array.Fill(_slots, [null]);

    /// <summary>How many records there are.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes that all records' lines take in the log.</summary>
    public long LiveBytes { get; private set; }

    public FileRecord? Find(in KeyHash key)
    {
        var place = key.Place;
        var slots = Volatile.Read(ref _slots[place % Tables]);
        for (var i = Slot(place, slots.Length); ; i = Next(i, slots.Length))
        {
            var record = Volatile.Read(ref slots[i]);
            if (record is null || record.Key == key)
            {
                return record;
            }
        }
    }

    /// <summary>Makes this the key's last record and gives the one before.</summary>
    public FileRecord? Put(FileRecord record)
    {
        var place = record.Key.Place;
        var table = (int)(place % Tables);
        if ((_counts[table] + 1) * 3 > _slots[table].Length * 2)
        {
            Grow(table);
        }

        var slots = _slots[table];
        var i = Slot(place, slots.Length);
        while (slots[i] is { } other && other.Key != record.Key)
        {
            i = Next(i, slots.Length);
        }

        var before = slots[i];
        Volatile.Write(ref slots[i], record);
        LiveBytes += record.LineLength - (before?.LineLength ?? 0);
        if (before is null)
        {
            _counts[table]++;
            Count++;
        }

        return before;
    }

    public void Remove(in KeyHash key)
    {
        var place = key.Place;
        var table = (int)(place % Tables);
        var slots = _slots[table];
        var i = Slot(place, slots.Length);
        while (slots[i] is { } other && other.Key != key)
        {
            i = Next(i, slots.Length);
        }

        if (slots[i] is not { } removed)
        {
            return;
        }

        // Whoever stands behind the gap and was looked for before it moves into it; a reader that passes meanwhile may miss one,
        // which it is told may happen.
        for (var j = Next(i, slots.Length); slots[j] is { } moved; j = Next(j, slots.Length))
        {
            var home = Slot(moved.Key.Place, slots.Length);
            if (i <= j ? home <= i || home > j : home <= i && home > j)
            {
                Volatile.Write(ref slots[i], moved);
                i = j;
            }
        }

        Volatile.Write(ref slots[i], null);
        LiveBytes -= removed.LineLength;
        _counts[table]--;
        Count--;
    }

    /// <summary>The records of one of the tables; their number is <see cref="TableCount"/>.</summary>
    public ReadOnlySpan<FileRecord?> Table(int table) => _slots[table];

    public static int TableCount => Tables;

    private void Grow(int table)
    {
        var old = _slots[table];
        var slots = new FileRecord?[(old.Length * 2) + 1];
        foreach (var record in old)
        {
            if (record is not null)
            {
                var i = Slot(record.Key.Place, slots.Length);
                while (slots[i] is not null)
                {
                    i = Next(i, slots.Length);
                }

                slots[i] = record;
            }
        }

        Volatile.Write(ref _slots[table], slots);
    }

    private static int Slot(ulong place, int slots) => (int)(place / Tables % (ulong)slots);

    private static int Next(int slot, int slots) => slot + 1 == slots ? 0 : slot + 1;
}
