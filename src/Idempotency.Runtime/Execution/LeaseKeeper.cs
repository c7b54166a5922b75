using System.Numerics;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>
/// Renews the lease of every running attempt at a third of it, until the attempt ends, loses its key or passes the execution
/// limit; tells an attempt that could not be renewed in time. One for all attempts of a guard.
/// </summary>
/// <remarks>
/// Most attempts end before anything is due, so that all they cost is to be put into a list and taken out again. There are several
/// lists, so that threads which run bodies do not wait for each other.
/// </remarks>
internal sealed class LeaseKeeper : IDisposable
{
    private readonly TimeProvider _time;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly TimeSpan _executionLimit;
    private readonly double _timestampsPerTick;
    private readonly LeaseAlarm _alarm;
    private readonly LeaseEnd _end;
    private readonly LeaseList[] _lists;

    public LeaseKeeper(TimeProvider time, TimeSpan executionLimit, IdempotencyTelemetry telemetry)
    {
        _time = time;
        _executionLimit = executionLimit;
        _timestampsPerTick = (double)time.TimestampFrequency / TimeSpan.TicksPerSecond;
        _telemetry = telemetry;
        _alarm = LeaseAlarm.Create(time, Look);
        _end = new LeaseEnd(time, telemetry);
        var lists = BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);
        _lists = [.. Enumerable.Range(0, (int)lists).Select(static index => new LeaseList(index))];
    }

    public void Keep(RunningAttempt attempt)
    {
        var list = _lists[Environment.CurrentManagedThreadId & (_lists.Length - 1)];
        lock (list.Gate)
        {
            list.Add(attempt);
        }

        _alarm.RingBy(DueAt(attempt), Third(attempt.Lease));
    }

    public void Forget(RunningAttempt attempt)
    {
        var list = ListOf(attempt);
        lock (list.Gate)
        {
            if (attempt.IsKept)
            {
                list.Remove(attempt);
            }
        }
    }

    /// <summary>
    /// Forgets an attempt whose record will not be settled, and ends its lease: the crash policy decides from now on. It is
    /// tried until the store answers; meanwhile the lease may end by itself.
    /// </summary>
    public void LetGo(RunningAttempt attempt)
    {
        lock (ListOf(attempt).Gate)
        {
            NotesOf(attempt).IsLetGo = true;
        }

        Forget(attempt);
        _ = _end.EndAsync(attempt);
    }

    public void Dispose()
    {
        _end.Dispose();
        _alarm.Dispose();
    }

    private LeaseList ListOf(RunningAttempt attempt) => _lists[attempt.Place.List];

    private long? Look()
    {
        List<RunningAttempt>? due = null;
        var now = _time.GetTimestamp();
        foreach (var list in _lists)
        {
            lock (list.Gate)
            {
                foreach (var attempt in list.Attempts)
                {
                    if (DueAt(attempt) <= now)
                    {
                        (due ??= []).Add(attempt);
                    }
                }
            }
        }

        // Outside the lock: a store in this process answers at once, and its answer takes the lock again. All leases before any news:
        // what a body does with them must not cost another its lease.
        due?.ForEach(Renew);
        due?.ForEach(Notify);

        long? next = null;
        foreach (var list in _lists)
        {
            lock (list.Gate)
            {
                foreach (var attempt in list.Attempts)
                {
                    next = Math.Min(next ?? long.MaxValue, DueAt(attempt));
                }
            }
        }

        return next;
    }

    private void Renew(RunningAttempt attempt)
    {
        lock (ListOf(attempt).Gate)
        {
            var notes = NotesOf(attempt);
            var now = _time.GetTimestamp();
            if (!attempt.IsKept || notes.IsStopped || now < notes.RenewAt || now >= notes.LimitAt)
            {
                return;
            }

            notes.RenewAt = After(now, attempt.Lease / 6); // without an answer by then it is sent once more, which is harmless
            notes.Plan();
        }

        _ = RenewAsync(attempt);
    }

    private void Notify(RunningAttempt attempt)
    {
        bool lose, stop, letGo;
        lock (ListOf(attempt).Gate)
        {
            var notes = NotesOf(attempt);
            var now = _time.GetTimestamp();
            stop = attempt.IsKept && !notes.IsStopped && now >= notes.LimitAt;
            notes.IsStopped |= stop;
            lose = attempt.IsKept && !notes.IsLost && now >= notes.DeadlineAt;
            notes.IsLost |= lose;
            letGo = lose && notes.IsStopped && !notes.IsLetGo;
            notes.IsLetGo |= letGo;
            notes.Plan();
        }

        // A body that has ended has nothing to be told; its outcome is being stored, whatever became of the lease.
        if (stop && !attempt.HasEnded)
        {
            _telemetry.ExecutionLimitPassed(attempt.RecordKey, _executionLimit);
            _alarm.Post(StopBody, attempt);
        }

        if (lose && !attempt.HasEnded)
        {
            _telemetry.LeaseNotRenewedInTime(attempt.RecordKey);
            _alarm.Post(LoseLease, attempt);
        }

        if (letGo)
        {
            _ = _end.EndAsync(attempt); // where a lease does not end by itself while its owner lives
        }
    }

    private async Task RenewAsync(RunningAttempt attempt)
    {
        var sent = _time.GetTimestamp();
        OwnerAnswer? answer = null;
        try
        {
            answer = await attempt.Store.RenewAsync(attempt.RecordKey, attempt.Owner, attempt.Lease).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Whatever failed, the lease was renewed or it was not: one lost answer is not a lost lease. Renewing again is harmless,
            // and the deadline decides when the body must know.
            _telemetry.RenewalFailed(attempt.RecordKey, failure);
        }

        var lost = false;
        bool isLetGo;
        long dueAt;
        lock (ListOf(attempt).Gate)
        {
            var notes = NotesOf(attempt);
            isLetGo = notes.IsLetGo;
            switch (answer)
            {
                case OwnerAnswer.Accepted:
                    Renewed(notes, attempt.Lease, sent);
                    break;
                case OwnerAnswer.Fenced:
                    lost = attempt.IsKept && !notes.IsLost && !attempt.HasEnded; // one that has ended learns it when its outcome is refused
                    notes.IsLost = notes.IsStopped = true;
                    notes.Plan();
                    break;
                default:
                    notes.RenewAt = Math.Min(notes.RenewAt, After(_time.GetTimestamp(), attempt.Lease / 30));
                    notes.Plan();
                    break;
            }

            dueAt = attempt.IsKept ? notes.DueAt : long.MaxValue;
        }

        if (isLetGo && answer == OwnerAnswer.Accepted)
        {
            await _end.EndAsync(attempt).ConfigureAwait(false); // this renewal was on its way when the lease was ended
        }

        if (lost)
        {
            _telemetry.LeaseTaken(attempt.RecordKey);
            _alarm.Post(LoseLease, attempt);
        }

        if (dueAt < long.MaxValue)
        {
            _alarm.RingBy(dueAt, attempt.Lease / 30);
        }
    }

    /// <summary>When something has to be done for the attempt.</summary>
    private long DueAt(RunningAttempt attempt) =>
        attempt.Notes?.DueAt ?? After(attempt.StartedAt, Third(attempt.Lease) is var third && third < _executionLimit ? third : _executionLimit);

    private LeaseNotes NotesOf(RunningAttempt attempt)
    {
        if (attempt.Notes is { } notes)
        {
            return notes;
        }

        notes = new LeaseNotes { LimitAt = After(attempt.StartedAt, _executionLimit) };
        Renewed(notes, attempt.Lease, attempt.StartedAt);
        return attempt.Details.Notes = notes;
    }

    private void Renewed(LeaseNotes notes, TimeSpan lease, long sent)
    {
        notes.RenewAt = After(sent, Third(lease));
        notes.DeadlineAt = After(sent, lease - (lease / 10));
        notes.Plan();
    }

    private void LoseLease(RunningAttempt attempt) => Tell(attempt, static attempt => attempt.LoseLease());

    private void StopBody(RunningAttempt attempt) => Tell(attempt, static attempt => attempt.StopBody());

    private void Tell(RunningAttempt attempt, Action<RunningAttempt> news)
    {
        try
        {
            news(attempt);
        }
        catch (AggregateException failure)
        {
            // Thrown by what a body registered on its token. Nobody waits for it here, and it must not end the process.
            _telemetry.CallbackFailed(attempt.RecordKey, failure);
        }
    }

    private static TimeSpan Third(TimeSpan lease) => TimeSpan.FromTicks(lease.Ticks / 3); // a division of a TimeSpan itself is one of a double

    private long After(long timestamp, TimeSpan duration) => timestamp + (long)(duration.Ticks * _timestampsPerTick);
}
