namespace Idempotency;

/// <summary>The same call is still running elsewhere. Nothing was done; send it again after <see cref="RetryAfter"/>.</summary>
public sealed class OperationInProgressException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public OperationInProgressException(string operation, string key, TimeSpan retryAfter)
        : base(operation, key, $"Operation {Name(operation, key)} is still running; nothing was done. Send it again in {retryAfter.TotalSeconds:0.###} s, or let OnDuplicate.Wait and WaitTimeout wait that long for its outcome.")
    {
        RetryAfter = retryAfter;
    }

    /// <summary>How long the present owner may hold the key unless it renews it: what is left of its lease.</summary>
    public TimeSpan RetryAfter { get; }
}
