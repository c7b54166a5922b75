namespace Idempotency.Execution;

/// <summary>What a failure of the body does to the record.</summary>
internal enum FailureFate
{
    /// <summary>The key is freed.</summary>
    Free,

    /// <summary>The failure is stored and replayed.</summary>
    Store,

    /// <summary>Nothing is reported: when the lease is over the record is in doubt.</summary>
    LeaveInDoubt,
}
