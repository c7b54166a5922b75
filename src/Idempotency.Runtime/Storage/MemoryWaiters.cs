using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// Callers in this process who wait for one claim of a record and are woken together: when the record changes, when the owner's lease
/// has ended, or when the first of them stops waiting. They share a timer, because there may be thousands.
/// </summary>
/// <param name="table">Where the record is.</param>
/// <param name="record">What is waited for.</param>
/// <param name="until">When the first of them stops waiting.</param>
/// <param name="others">Those who wait for the same claim, and longer.</param>
internal sealed class MemoryWaiters(MemoryTable table, MemoryRecord record, long until, MemoryWaiters? others)
{
    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryWaiters? _others = StillWaiting(others);
    private volatile ITimer? _timer;

    public MemoryRecord Record => record;

    /// <summary>The record's key, made once for all of them.</summary>
    public IdempotencyKey Key { get; } = record.Key;

    /// <summary>What the claim was granted for, and what they called with.</summary>
    public byte[] Fingerprint { get; } = record.Fingerprint;

    public long Until => until;

    /// <summary>Completes when they have to look at the record again. What goes on then, goes on elsewhere.</summary>
    public Task Woken => _woken.Task;

    /// <summary>Joins those who wait for the claim that a record is under; <see langword="null"/> when it is under none, or one for something else.</summary>
    public static MemoryWaiters? TryJoin(MemoryStore store, MemoryRecord record, ReadOnlySpan<byte> fingerprint, TimeSpan longest)
    {
        MemoryWaiters? waiters;
        TimeSpan? left;
        using (var held = store.Table.Hold(record))
        {
            waiters = record.Join(store.Table, fingerprint, MemoryClock.After(held.Now, longest), held.Now, out var isFirst);
            left = isFirst ? record.LeftFor(waiters!, held.Now) : null;
        }

        if (left is { } first)
        {
            waiters!.Watch(first, store.Clock.Time);
        }

        return waiters;
    }

    /// <summary>Wakes these and those who wait longer.</summary>
    public void WakeAll()
    {
        for (var waiters = this; waiters is not null; waiters = waiters._others)
        {
            waiters.Wake();
        }
    }

    private static MemoryWaiters? StillWaiting(MemoryWaiters? waiters)
    {
        while (waiters is { Woken.IsCompleted: true })
        {
            waiters = waiters._others;
        }

        return waiters;
    }

    /// <summary>Looks at the record by the clock from now on. Not under a lock: the clock may be the user's code.</summary>
    private void Watch(TimeSpan left, TimeProvider time)
    {
        try
        {
            _timer = time.CreateTimer(static waiters => ((MemoryWaiters)waiters!).Look(), this, left, Timeout.InfiniteTimeSpan);
        }
        catch (Exception)
        {
            // Without a timer nobody would tell them that the owner is gone; each goes on by itself.
            Wake();
        }

        if (Woken.IsCompleted)
        {
            _timer?.Dispose(); // by somebody who has not seen it
        }
    }

    private void Wake()
    {
        _woken.TrySetResult();
        _timer?.Dispose();
    }

    private void Look()
    {
        try
        {
            if (Left() is { } left && _timer?.Change(left, Timeout.InfiniteTimeSpan) == true)
            {
                return; // the lease was renewed
            }
        }
        catch (Exception)
        {
            // The clock is broken; as without a timer.
        }

        Wake();
    }

    private TimeSpan? Left()
    {
        using var held = table.Hold(record);
        return record.LeftFor(this, held.Now);
    }
}
