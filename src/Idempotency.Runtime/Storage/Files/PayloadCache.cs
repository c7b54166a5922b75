namespace Idempotency.Storage.Files;

/// <summary>
/// How many results are kept in memory: the small and the lately asked for, up to a bound. The file has them all. Used by one
/// thread at a time, but for <see cref="Find"/>.
/// </summary>
internal sealed class PayloadCache
{
    private const long Bound = 64L << 20;
    private const int LongestKept = 1 << 16;

    private long _kept;

    public static byte[]? Find(FileRecord record)
    {
        if (record is { Payload: not null, IsRecent: false })
        {
            record.IsRecent = true;
        }

        return record.Payload;
    }

    public void Keep(FileRecord record, ReadOnlySpan<byte> payload)
    {
        if (!record.IsEnded || payload.Length > LongestKept || _kept + payload.Length > Bound)
        {
            return;
        }

        _kept += payload.Length;
        record.Payload = payload.ToArray();
    }

    public void Forget(FileRecord? record)
    {
        if (record?.Payload is { } payload)
        {
            _kept -= payload.Length;
            record.Payload = null;
        }
    }

    /// <summary>Hands a payload on to the same record's copy.</summary>
    public static void Move(FileRecord from, FileRecord to) => (to.Payload, from.Payload) = (from.Payload, null);

    /// <summary>Forgets what nobody asked for since the last time, when more than half of the room is used.</summary>
    public void Sweep(FileRecord record)
    {
        if (_kept > Bound / 2 && !record.IsRecent)
        {
            Forget(record);
        }

        record.IsRecent = false;
    }
}
