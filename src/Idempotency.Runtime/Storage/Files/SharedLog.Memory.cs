namespace Idempotency.Storage.Files;

internal sealed partial class SharedLog
{
    public RecordIndex Index { get; private set; } = new();

    /// <summary>An outcome's bytes, from memory or from the file.</summary>
    public ReadOnlyMemory<byte> PayloadOf(FileRecord record)
    {
        if (Index.ResultOf(record) is { } kept)
        {
            return kept;
        }

        var payload = new byte[record.PayloadLength];
        var read = _segments[record.PayloadAt.Segment].Read(payload, record.PayloadAt.Offset);
        if (read != payload.Length)
        {
            throw new InvalidDataException($"'{_segments[record.PayloadAt.Segment].Path}' ends in the middle of a result.");
        }

        Index.KeepRead(record, payload);
        return payload;
    }

    /// <summary>Forgets the expired records of some of the index's tables.</summary>
    /// <returns>How many, at most <paramref name="max"/>.</returns>
    public int Sweep(int firstTable, int tables, long now, int max = int.MaxValue)
    {
        var swept = 0;
        for (var table = firstTable; table < Math.Min(firstTable + tables, RecordIndex.Tables) && swept < max; table++)
        {
            swept += Index.Sweep(table, now, max - swept);
        }

        return swept;
    }
}
