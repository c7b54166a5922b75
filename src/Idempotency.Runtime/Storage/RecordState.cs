namespace Idempotency.Storage;

/// <summary>Where a record stands. A key without a record, or with an expired one, has none of these.</summary>
public enum RecordState
{
    /// <summary>An owner runs the body, or has vanished and its lease has not been looked at since. Never expires.</summary>
    InProgress = 0,

    /// <summary>A result is stored until the retention ends.</summary>
    Completed = 1,

    /// <summary>A failure is stored until the retention ends.</summary>
    Failed = 2,

    /// <summary>The owner vanished under <see cref="OnCrash.Hold"/>; nobody knows if the effect happened. Never expires.</summary>
    InDoubt = 3,

    /// <summary>The key is free. The record remains for a while so that late messages of ended attempts change nothing.</summary>
    Released = 4,
}
