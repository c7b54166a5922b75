namespace Idempotency;

/// <summary>What happens when an owner vanishes after it may have had its effect.</summary>
public enum OnCrash
{
    /// <summary>
    /// After the lease lapses the next caller runs the body again: at least once around a crash, once without one. The default.
    /// </summary>
    Retry = 0,

    /// <summary>
    /// Nobody runs the body again. The record becomes in doubt and every caller gets <see cref="OperationInDoubtException"/>
    /// until the owner reports after all or a person resolves it with <see cref="IdempotencyOperator"/>: at most once.
    /// </summary>
    Hold = 1,
}
