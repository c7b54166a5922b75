namespace Idempotency.Execution;

/// <summary>What <see cref="LeaseKeeper"/> knows of one attempt, used under its lock. Times are the time provider's timestamps.</summary>
internal struct LeaseNotes
{
    /// <summary>When something has to be done for the attempt: the earliest of the others that still count.</summary>
    public long DueAt;

    public long RenewAt;

    /// <summary>When the owner must assume that others may take the key over.</summary>
    public long DeadlineAt;

    /// <summary>When the attempt has run for too long.</summary>
    public long LimitAt;

    public bool IsKept;

    /// <summary>The body was told that it lost its lease.</summary>
    public bool IsLost;

    /// <summary>Nothing is renewed any more.</summary>
    public bool IsStopped;

    /// <summary>The record was left to the crash policy, unsettled.</summary>
    public bool IsLetGo;

    public RunningAttempt? Next;
    public RunningAttempt? Previous;
}
