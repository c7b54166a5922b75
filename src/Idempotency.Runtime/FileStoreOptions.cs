namespace Idempotency;

/// <summary>What a <see cref="FileStore"/> survives, where it may be, and how much it holds.</summary>
public sealed class FileStoreOptions
{
    /// <summary>
    /// What an answer survives; <see cref="FileDurability.PowerLoss"/> by default. All processes that share a directory should use
    /// the same: each keeps only its own promise.
    /// </summary>
    public FileDurability Durability { get; set; }

    /// <summary>
    /// Whether the directory may be on a network file system, or one that runs in a program of its own (FUSE); not by default,
    /// because its locks and syncs may not mean what they say. Only for a directory that one host uses.
    /// </summary>
    public bool AllowNetworkFileSystem { get; set; }

    /// <summary>
    /// The most records the store holds, expired ones not counted; 10,000,000 by default, at least 1. Every process keeps about 300
    /// bytes a record in memory. A full store refuses new keys with <see cref="StoreFullException"/> and never drops a live one.
    /// </summary>
    public int Capacity { get; set; } = 10_000_000;

    /// <summary>
    /// How long a freed key's record remains, so that late copies of ended calls change nothing; 10 minutes by default, from
    /// 1 millisecond to 1 day. The key can be claimed anew at once.
    /// </summary>
    public TimeSpan TombstoneRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The least bytes of a file of the log; tests make it small.</summary>
    internal int LeastSegment { get; set; } = 8 << 20;

    /// <summary>Whether the operating system is asked to tell what others write; tests see what happens when it does not.</summary>
    internal bool IsToldOfWrites { get; set; } = true;

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!Enum.IsDefined(Durability))
        {
            yield return $"{nameof(FileStoreOptions)}.{nameof(Durability)} is {(int)Durability}; it must be {FileDurability.PowerLoss} or {FileDurability.ProcessCrash}.";
        }

        if (Capacity < 1)
        {
            yield return $"{nameof(FileStoreOptions)}.{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        }

        if (TombstoneRetention < TimeSpan.FromMilliseconds(1) || TombstoneRetention > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(FileStoreOptions)}.{nameof(TombstoneRetention)} is {TombstoneRetention}; it must be from 1 millisecond to 1 day.";
        }
    }
}
