using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>
/// Renews the lease of every running attempt at a third of it, until the attempt ends, loses its key or passes the execution
/// limit; tells an attempt that could not be renewed in time. One for all attempts of a guard.
/// </summary>
internal sealed class LeaseKeeper : IDisposable
{
    private readonly TimeProvider _time;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly TimeSpan _executionLimit;
    private readonly LeaseAlarm _alarm;
    private readonly LeaseEnd _end;
    private readonly Lock _gate = new();
    private RunningAttempt? _first;

    public LeaseKeeper(TimeProvider time, TimeSpan executionLimit, IdempotencyTelemetry telemetry)
    {
        _time = time;
        _executionLimit = executionLimit;
        _telemetry = telemetry;
        _alarm = LeaseAlarm.Create(time, Look);
        _end = new LeaseEnd(time, telemetry);
    }

    public void Keep(RunningAttempt attempt)
    {
        long dueAt;
        lock (_gate)
        {
            ref var notes = ref attempt.Notes;
            notes.IsKept = true;
            notes.LimitAt = After(attempt.StartedAt, _executionLimit);
            Renewed(attempt, attempt.StartedAt);
            dueAt = notes.DueAt;
            notes.Next = _first;
            if (_first is not null)
            {
                _first.Notes.Previous = attempt;
            }

            _first = attempt;
        }

        _alarm.RingBy(dueAt, attempt.Lease / 3);
    }

    public void Forget(RunningAttempt attempt)
    {
        lock (_gate)
        {
            ref var notes = ref attempt.Notes;
            if (!notes.IsKept)
            {
                return;
            }

            notes.IsKept = false;
            if (notes.Previous is { } previous)
            {
                previous.Notes.Next = notes.Next;
            }
            else
            {
                _first = notes.Next;
            }

            if (notes.Next is { } next)
            {
                next.Notes.Previous = notes.Previous;
            }

            notes.Next = notes.Previous = null;
        }
    }

    /// <summary>
    /// Forgets an attempt whose record will not be settled, and ends its lease: the crash policy decides from now on. It is
    /// tried until the store answers; meanwhile the lease may end by itself.
    /// </summary>
    public void LetGo(RunningAttempt attempt)
    {
        lock (_gate)
        {
            attempt.Notes.IsLetGo = true;
        }

        Forget(attempt);
        _ = _end.EndAsync(attempt);
    }

    public void Dispose()
    {
        _end.Dispose();
        _alarm.Dispose();
    }

    private long? Look()
    {
        List<RunningAttempt>? due = null;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            for (var attempt = _first; attempt is not null; attempt = attempt.Notes.Next)
            {
                if (attempt.Notes.DueAt <= now)
                {
                    (due ??= []).Add(attempt);
                }
            }
        }

        // Outside the lock: a store in this process answers at once, and its answer takes the lock again. All leases before any news:
        // what a body does with them must not cost another its lease.
        due?.ForEach(Renew);
        due?.ForEach(Notify);

        long? next = null;
        lock (_gate)
        {
            for (var attempt = _first; attempt is not null; attempt = attempt.Notes.Next)
            {
                next = Math.Min(next ?? long.MaxValue, attempt.Notes.DueAt);
            }
        }

        return next;
    }

    private void Renew(RunningAttempt attempt)
    {
        lock (_gate)
        {
            ref var notes = ref attempt.Notes;
            var now = _time.GetTimestamp();
            if (!notes.IsKept || notes.IsStopped || now < notes.RenewAt || now >= notes.LimitAt)
            {
                return;
            }

            notes.RenewAt = After(now, attempt.Lease / 6); // without an answer by then it is sent once more, which is harmless
            Plan(ref notes);
        }

        _ = RenewAsync(attempt);
    }

    private void Notify(RunningAttempt attempt)
    {
        bool lose, stop, letGo;
        lock (_gate)
        {
            ref var notes = ref attempt.Notes;
            var now = _time.GetTimestamp();
            stop = notes.IsKept && !notes.IsStopped && now >= notes.LimitAt;
            notes.IsStopped |= stop;
            lose = notes.IsKept && !notes.IsLost && now >= notes.DeadlineAt;
            notes.IsLost |= lose;
            letGo = lose && notes.IsStopped && !notes.IsLetGo;
            notes.IsLetGo |= letGo;
            Plan(ref notes);
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
        lock (_gate)
        {
            ref var notes = ref attempt.Notes;
            isLetGo = notes.IsLetGo;
            switch (answer)
            {
                case OwnerAnswer.Accepted:
                    Renewed(attempt, sent);
                    break;
                case OwnerAnswer.Fenced:
                    lost = notes.IsKept && !notes.IsLost && !attempt.HasEnded; // one that has ended learns it when its outcome is refused
                    notes.IsLost = notes.IsStopped = true;
                    Plan(ref notes);
                    break;
                default:
                    notes.RenewAt = Math.Min(notes.RenewAt, After(_time.GetTimestamp(), attempt.Lease / 30));
                    Plan(ref notes);
                    break;
            }

            dueAt = notes.IsKept ? notes.DueAt : long.MaxValue;
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

    private void Renewed(RunningAttempt attempt, long sent)
    {
        ref var notes = ref attempt.Notes;
        notes.RenewAt = After(sent, attempt.Lease / 3);
        notes.DeadlineAt = After(sent, attempt.Lease - (attempt.Lease / 10));
        Plan(ref notes);
    }

    private static void Plan(ref LeaseNotes notes)
    {
        var due = notes.IsLost ? long.MaxValue : notes.DeadlineAt;
        if (!notes.IsStopped)
        {
            due = Math.Min(due, Math.Min(notes.LimitAt, notes.RenewAt));
        }

        notes.DueAt = due;
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

    private long After(long timestamp, TimeSpan duration) =>
        timestamp + (long)(duration.TotalSeconds * _time.TimestampFrequency);
}
