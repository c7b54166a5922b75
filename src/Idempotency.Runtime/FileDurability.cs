namespace Idempotency;

/// <summary>What an answer of a <see cref="FileStore"/> survives.</summary>
public enum FileDurability
{
    /// <summary>A power cut, and everything below: nothing is answered before it is on the disk. The default.</summary>
    PowerLoss = 0,

    /// <summary>
    /// The end of this and of every other process, however they end, but not that of the machine: after a power cut the last
    /// records may be gone, and their bodies may run again. Many times faster.
    /// </summary>
    ProcessCrash = 1,
}
