namespace Idempotency.DynamoDb;

/// <summary>
/// Tells when a lease is over without any clock but this process's own: when it has been the same for as long as it lasts since it was
/// first seen here. Every renewal changes its version, so an owner that renews is never taken for gone; nothing else does.
/// </summary>
/// <remarks>
/// Bounded: when many keys are watched at once, those that nobody has looked at for longest are forgotten and begin anew, which
/// makes a take-over later and never sooner.
/// </remarks>
internal sealed class LeaseObserver(TimeProvider time, int most = LeaseObserver.Most)
{
    /// <summary>About 200 bytes each.</summary>
    public const int Most = 20_000;

    private readonly Lock _gate = new();
    private Dictionary<RecordKey, Sight> _recent = [];
    private Dictionary<RecordKey, Sight> _older = [];

    /// <summary>What is left of a record's lease, as far as this process can know; zero when it is over.</summary>
    /// <param name="key">The record's key.</param>
    /// <param name="version">The lease's version, as it was read before this call.</param>
    /// <param name="lease">The lease that its owner has asked for; zero when the owner has ended it.</param>
    public TimeSpan Remaining(RecordKey key, long version, TimeSpan lease)
    {
        if (lease <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var elapsed = time.GetElapsedTime(FirstSeen(key, version));
        return elapsed < lease ? lease - elapsed : TimeSpan.Zero;
    }

    private long FirstSeen(RecordKey key, long version)
    {
        lock (_gate)
        {
            if (_recent.TryGetValue(key, out var sight) && sight.Version == version)
            {
                return sight.At;
            }

            // The moment after the answer has arrived: whatever the owner has begun before it was written began earlier.
            var at = _older.Remove(key, out sight) && sight.Version == version ? sight.At : time.GetTimestamp();
            if (_recent.Count >= most / 2)
            {
                (_older, _recent) = (_recent, []);
            }

            _recent[key] = new Sight(version, at);
            return at;
        }
    }

    private readonly record struct Sight(long Version, long At);
}
