namespace Idempotency.Execution;

/// <summary>What <see cref="LeaseKeeper"/> knows of one attempt, changed under the lock of the attempt's list. Times are the time provider's timestamps.</summary>
internal sealed class LeaseNotes
{
    /// <summary>When something has to be done for the attempt: the earliest of the others that still count.</summary>
    public long DueAt { get; private set; }

    public long RenewAt { get; set; }

    /// <summary>When the owner must assume that others may take the key over.</summary>
    public long DeadlineAt { get; set; }

    /// <summary>When the attempt has run for too long.</summary>
    public long LimitAt { get; init; }

    /// <summary>The body was told that it lost its lease.</summary>
    public bool IsLost { get; set; }

    /// <summary>Nothing is renewed any more.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The record was left to the crash policy, unsettled.</summary>
    public bool IsLetGo { get; set; }

    public void Plan()
    {
        var due = IsLost ? long.MaxValue : DeadlineAt;
        if (!IsStopped)
        {
            due = Math.Min(due, Math.Min(LimitAt, RenewAt));
        }

        DueAt = due;
    }
}
