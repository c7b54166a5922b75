using System.Runtime.CompilerServices;

namespace Idempotency.Storage.Files;

/// <summary>Chooses records as they are in the index.</summary>
internal delegate bool EntryFilter(in RecordEntry entry);

/// <summary>
/// The last record of every key, in memory. Changed by one thread at a time; any thread may look a key up meanwhile.
/// </summary>
/// <remarks>
/// Records lie packed in arrays, not as objects: a million of them are opened in less time than it takes to collect a million
/// objects, and take less room. Many small tables instead of one, so that growing never takes longer than a caller would notice.
/// Results are kept too, those of late, up to a bound; the log has them all.
/// </remarks>
internal sealed class RecordIndex
{
    /// <summary>How many tables there are, for a sweep that goes from one to the next.</summary>
    public const int Tables = 4096;

    private readonly RecordTable[] _tables = new RecordTable[Tables];
    private readonly OperationNames _operations = new();
    private readonly ResultCache _results = new();
    private int _count;
    private long _liveBytes;

    public RecordIndex()
    {
        for (var i = 0; i < Tables; i++)
        {
            _tables[i] = new RecordTable();
        }
    }

    /// <summary>How many records there are, expired ones included that nobody has come by.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The bytes that all records' lines take in the log.</summary>
    public long LiveBytes => Volatile.Read(ref _liveBytes);

    public FileRecord? Find(in KeyHash key)
    {
        var place = key.Place;
        var table = TableOf(place);
        lock (table)
        {
            ref var entry = ref table.Find(key, place);
            return RecordTable.IsNone(ref entry) ? null : entry.Unpack(_operations);
        }
    }

    /// <summary>Makes this the key's last record and gives the one before.</summary>
    public FileRecord? Put(FileRecord record)
    {
        var place = record.Key.Place;
        var table = TableOf(place);
        lock (table)
        {
            ref var entry = ref table.FindOrAdd(record.Key, place, out var isNew);
            var before = isNew ? null : entry.Unpack(_operations);
            Tally(isNew ? 1 : 0, record.LineLength - entry.LineLength);
            entry.Pack(record, _operations.IdOf(record.Operation));
            return before;
        }
    }

    /// <summary>
    /// Makes the record of this line the key's last one, unless a later one is known. Many threads may do this while nobody does
    /// anything else. Counts nothing, so that they do not wait for each other: each tells <see cref="Tally"/> in the end.
    /// </summary>
    /// <returns>How many records there are more now, and how many bytes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public (int Records, long Bytes) Load(ReadOnlySpan<byte> line, LogPosition position)
    {
        var key = RecordLine.KeyAt(line);
        var place = key.Place;
        var table = TableOf(place);
        lock (table)
        {
            ref var entry = ref table.FindOrAdd(key, place, out var isNew);
            if (!isNew && entry.Sequence > RecordLine.SequenceAt(line))
            {
                return (0, 0);
            }

            var before = entry.LineLength;
            RecordLine.Unpack(line, position, _operations, ref entry);
            return (isNew ? 1 : 0, line.Length - before);
        }
    }

    /// <summary>Counts so many records and bytes more, or less.</summary>
    public void Tally(int records, long bytes)
    {
        Interlocked.Add(ref _count, records);
        Interlocked.Add(ref _liveBytes, bytes);
    }

    /// <summary>The record's result, if it is in memory.</summary>
    public ReadOnlyMemory<byte>? ResultOf(FileRecord record) => _results.Find(record.ResultAt, record.PayloadLength);

    /// <summary>Keeps a result in memory that is about to be the last of its key.</summary>
    public FileRecord Keep(FileRecord record, ReadOnlySpan<byte> result) => record with { ResultAt = _results.Add(result) };

    /// <summary>Keeps a result that was read from the log, if the record is still the last one.</summary>
    public void KeepRead(FileRecord record, ReadOnlySpan<byte> result)
    {
        var place = record.Key.Place;
        var table = TableOf(place);
        lock (table)
        {
            ref var entry = ref table.Find(record.Key, place);
            if (!RecordTable.IsNone(ref entry) && entry.Sequence == record.Sequence)
            {
                entry.ResultAt = _results.Add(result);
            }
        }
    }

    public void Remove(in KeyHash key)
    {
        var place = key.Place;
        var table = TableOf(place);
        lock (table)
        {
            ref var entry = ref table.Find(key, place);
            if (!RecordTable.IsNone(ref entry))
            {
                Tally(-1, -entry.LineLength);
                table.Remove(key, place);
            }
        }
    }

    /// <summary>Forgets up to <paramref name="max"/> expired records of a table.</summary>
    /// <returns>How many were forgotten.</returns>
    public int Sweep(int table, long now, int max)
    {
        var expired = new List<KeyHash>();
        lock (_tables[table])
        {
            foreach (ref var entry in _tables[table])
            {
                if (entry.Until <= now && entry.IsExpiring && expired.Count < max)
                {
                    expired.Add(entry.Key);
                }
            }
        }

        expired.ForEach(key => Remove(key));
        return expired.Count;
    }

    /// <summary>All records for which <paramref name="isWanted"/> holds. Slow: it looks at every one, and unpacks those.</summary>
    public List<FileRecord> Where(EntryFilter isWanted)
    {
        var found = new List<FileRecord>();
        foreach (var table in _tables)
        {
            lock (table)
            {
                foreach (ref var entry in table)
                {
                    if (isWanted(entry))
                    {
                        found.Add(entry.Unpack(_operations));
                    }
                }
            }
        }

        return found;
    }

    private RecordTable TableOf(ulong place) => _tables[place % Tables];
}
