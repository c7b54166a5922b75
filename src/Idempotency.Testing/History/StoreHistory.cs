using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>What was asked of stores, when, and what they answered, for a <see cref="LinearizabilityChecker"/> to judge.</summary>
/// <remarks>
/// Several views on the same records, and several processes' worth of callers, go into one history. A call that throws has an unknown
/// outcome: put faults between the recorder and the store. Safe to use from any thread.
/// </remarks>
public sealed class StoreHistory
{
    private readonly Lock _gate = new();
    private readonly List<HistoryEntry> _entries = [];
    private readonly long _start;
    private long _order;

    /// <summary>Begins a history.</summary>
    /// <param name="timeProvider">
    /// A clock that runs as the stores' own clocks do, because leases and retentions are judged by it; the system's when absent.
    /// </param>
    public StoreHistory(TimeProvider? timeProvider = null)
    {
        Time = timeProvider ?? TimeProvider.System;
        _start = Time.GetTimestamp();
    }

    /// <summary>The calls so far, in the order in which they ended.</summary>
    public IReadOnlyList<HistoryEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    internal TimeProvider Time { get; }

    /// <summary>Adds a call that was observed elsewhere, such as in another process.</summary>
    /// <param name="entry">The call.</param>
    public void Add(HistoryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (_gate)
        {
            _entries.Add(entry);
        }
    }

    /// <summary>The same store, with every call written down. It never answers from memory, so that no answer is missed.</summary>
    /// <param name="store">The store.</param>
    public IIdempotencyStore Record(IIdempotencyStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new RecordingStore(this, store);
    }

    /// <summary>A moment, and a number that tells its place among others of the same moment.</summary>
    internal (TimeSpan At, long Order) Now()
    {
        lock (_gate)
        {
            return (Time.GetElapsedTime(_start), ++_order);
        }
    }
}
