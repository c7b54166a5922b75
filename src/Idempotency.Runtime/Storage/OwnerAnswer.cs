namespace Idempotency.Storage;

/// <summary>A store's answer to an owner's write.</summary>
public enum OwnerAnswer
{
    /// <summary>The write was applied, now or by an earlier copy of the same call.</summary>
    Accepted = 0,

    /// <summary>The record belongs to another attempt, or has ended otherwise. Nothing was changed.</summary>
    Fenced = 1,
}
