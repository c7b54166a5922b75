namespace Idempotency;

/// <summary>The names of what the guard measures and traces. Tags hold neither keys nor arguments; a log names a key by the
/// first digits of its hash, and may hold what a store or a serializer threw.</summary>
public static class IdempotencyDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/> and of the <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string SourceName = "Idempotency";

    /// <summary>Counter of calls, by <see cref="OperationTag"/> and <see cref="OutcomeTag"/>.</summary>
    public const string Executions = "idempotency.executions";

    /// <summary>Histogram of how long calls took, in seconds, by <see cref="OperationTag"/> and <see cref="OutcomeTag"/>.</summary>
    public const string ExecutionDuration = "idempotency.execution.duration";

    /// <summary>Histogram of how long duplicates waited for another call, in seconds, by <see cref="OperationTag"/>.</summary>
    public const string WaitDuration = "idempotency.wait.duration";

    /// <summary>Counter of keys taken from owners whose lease was over, by <see cref="OperationTag"/>.</summary>
    public const string TakeOvers = "idempotency.takeovers";

    /// <summary>
    /// Histogram of how long stores took to answer, in seconds, by <see cref="StoreOperationTag"/>, by <see cref="StoreNameTag"/> where
    /// the store has a name, and by <see cref="ErrorTag"/> where a call failed, passed its deadline or was cancelled. What is answered
    /// without asking the store is not in it, and neither is waiting for another call, which <see cref="WaitDuration"/> tells.
    /// </summary>
    public const string StoreOperationDuration = "idempotency.store.operation.duration";

    /// <summary>The operation's stable name.</summary>
    public const string OperationTag = "idempotency.operation";

    /// <summary>How the call ended: one of the names below.</summary>
    public const string OutcomeTag = "idempotency.outcome";

    /// <summary>The full name of the exception's type, on calls that ended with one.</summary>
    public const string ErrorTag = "error.type";

    /// <summary>
    /// What the store was asked for: <c>claim</c>, <c>renew</c>, <c>complete</c>, <c>release</c>, <c>abandon</c>, <c>get</c> or <c>resolve</c>.
    /// </summary>
    public const string StoreOperationTag = "idempotency.store.operation";

    /// <summary>The store's name; absent for the one that operations use which name none.</summary>
    public const string StoreNameTag = "idempotency.store.name";

    /// <summary>The body ran and its result is stored.</summary>
    public const string Executed = "executed";

    /// <summary>A stored outcome was given again.</summary>
    public const string Replayed = "replayed";

    /// <summary>A stored outcome was given after waiting for the call that made it.</summary>
    public const string Waited = "waited";

    /// <summary>Another call was running.</summary>
    public const string InProgress = "in_progress";

    /// <summary>The operation refuses duplicates and this was one.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The key was used with other arguments.</summary>
    public const string Mismatch = "mismatch";

    /// <summary>The body ran and threw.</summary>
    public const string Failed = "failed";

    /// <summary>The record is in doubt.</summary>
    public const string InDoubt = "in_doubt";

    /// <summary>The body ran, but another attempt had taken its key over.</summary>
    public const string LeaseLost = "lease_lost";

    /// <summary>The body ran, but its outcome is not stored.</summary>
    public const string NotStored = "not_stored";

    /// <summary>The body ran in a transaction, and whether that was committed is not known.</summary>
    public const string CommitUnknown = "commit_unknown";

    /// <summary>The record cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The store did not answer, or is full.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The call came from within its own body.</summary>
    public const string Reentrant = "reentrant";

    /// <summary>The caller cancelled before the body ran, or the call was refused for how it was configured.</summary>
    public const string NotRun = "not_run";
}
