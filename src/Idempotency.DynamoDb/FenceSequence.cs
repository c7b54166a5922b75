namespace Idempotency.DynamoDb;

/// <summary>
/// Makes fences, which are also the first versions of an attempt: larger than what was seen in the record, larger than any made here
/// before, and where nothing was seen the microseconds of the wall clock, so that they also grow when a record has been deleted.
/// </summary>
internal sealed class FenceSequence(TimeProvider time)
{
    private long _last;

    public long Next(long seen)
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var microseconds = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            var next = Math.Max(Math.Max(last, seen) + 1, microseconds);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
