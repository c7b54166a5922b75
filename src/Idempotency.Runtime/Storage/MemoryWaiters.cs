using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// Callers in this process who wait for one claim of a record and are woken together: when the record changes, when the owner's lease
/// has ended, or when the first of them is to stop waiting. They share a timer, because there may be thousands.
/// </summary>
/// <param name="table">Where the record is.</param>
/// <param name="record">What is waited for.</param>
/// <param name="until">When the first of them is to stop waiting, whether or not it has gone before.</param>
/// <param name="others">Those who wait for the same claim, and longer.</param>
internal sealed class MemoryWaiters(MemoryTable table, MemoryRecord record, long until, MemoryWaiters? others)
{
    /// <summary>Timers round down to milliseconds, and must not fire again and again until one has passed.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;

    public MemoryRecord Record => record;

    /// <summary>The record's key, made once for the whole group.</summary>
    public IdempotencyKey Key { get; } = record.Key;

    /// <summary>What the claim was granted for, and what they called with.</summary>
    public byte[] Fingerprint { get; } = record.Fingerprint;

    public long Until => until;

    /// <summary>Completes when they have to look at the record again. What goes on then, goes on elsewhere.</summary>
    public Task Woken => _woken.Task;

    private MemoryWaiters? Others => others;

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
            waiters!.BeginWatch(first, store.Clock.Time);
        }

        return waiters;
    }

    /// <summary>Of some who wait, those who were not woken yet.</summary>
    public static MemoryWaiters? StillWaiting(MemoryWaiters? waiters)
    {
        while (waiters is { Woken.IsCompleted: true })
        {
            waiters = waiters.Others;
        }

        return waiters;
    }

    /// <summary>Wakes these and those who wait longer. Under the lock of the record's shard: no code of the user's runs here.</summary>
    public void WakeAll()
    {
        for (var waiters = this; waiters is not null; waiters = waiters.Others)
        {
            waiters._woken.TrySetResult();
        }
    }

    /// <summary>Lets the timer go, if they were woken; whoever of them is first does it for all.</summary>
    public void EndWatch()
    {
        if (!Woken.IsCompleted || Interlocked.Exchange(ref _timer, null) is not { } timer)
        {
            return;
        }

        try
        {
            timer.Dispose();
        }
        catch (Exception)
        {
            // The clock is the application's to give. A timer that stays does nothing any more.
        }
    }

    /// <summary>Looks at the record by the clock from now on.</summary>
    private void BeginWatch(TimeSpan left, TimeProvider time)
    {
        try
        {
            // The timer may outlive the call it happens to be made in, and must not carry that call's context.
            using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            Interlocked.Exchange(ref _timer, time.CreateTimer(static waiters => ((MemoryWaiters)waiters!).Look(), this, left, Timeout.InfiniteTimeSpan));
        }
        catch (Exception)
        {
            // Without a timer nobody would tell them that the owner is gone; each goes on by itself.
            _woken.TrySetResult();
        }

        EndWatch(); // if they were woken by somebody who has not seen the timer
    }

    private void Look()
    {
        try
        {
            if (Left() is { } left && Volatile.Read(ref _timer)?.Change(left > s_least ? left : s_least, Timeout.InfiniteTimeSpan) == true)
            {
                return; // the lease was renewed
            }
        }
        catch (Exception)
        {
            // The clock is broken; as without a timer.
        }

        _woken.TrySetResult();
        EndWatch();
    }

    private TimeSpan? Left()
    {
        using var held = table.Hold(record);
        return record.LeftFor(this, held.Now);
    }
}
