namespace Idempotency.Execution;

/// <summary>How far a call has come, for the metrics.</summary>
internal sealed class TransactionProgress
{
    public string Outcome { get; set; } = IdempotencyDiagnostics.NotRun;

    /// <summary>What the body threw, or the database in its place.</summary>
    public Exception? BodyFailure { get; set; }
}
