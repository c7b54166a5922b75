namespace Idempotency;

/// <summary>How much a <see cref="MemoryStore"/> holds, and for how long it remembers keys that were freed.</summary>
public sealed class MemoryStoreOptions
{
    /// <summary>
    /// The most records the store holds, expired ones not counted; 1,000,000 by default, at least 1. A full store refuses new keys
    /// with <see cref="StoreFullException"/> and never drops a live one.
    /// </summary>
    public int Capacity { get; set; } = 1_000_000;

    /// <summary>
    /// How long a freed key's record remains, so that late copies of ended calls change nothing; 10 minutes by default, from
    /// 1 millisecond to 1 day. The key can be claimed anew at once.
    /// </summary>
    public TimeSpan TombstoneRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (Capacity < 1)
        {
            yield return $"{nameof(MemoryStoreOptions)}.{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        }

        if (TombstoneRetention < TimeSpan.FromMilliseconds(1) || TombstoneRetention > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(MemoryStoreOptions)}.{nameof(TombstoneRetention)} is {TombstoneRetention}; it must be from 1 millisecond to 1 day.";
        }
    }
}
