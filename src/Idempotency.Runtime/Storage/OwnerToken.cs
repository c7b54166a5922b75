using System.Runtime.InteropServices;

namespace Idempotency.Storage;

/// <summary>
/// Names one call, so that a store recognises a claim that is repeated after its answer was lost. 128 random bits, made before
/// the first claim of the call, never used for another, never derived from a machine, a worker or a thread.
/// </summary>
/// <param name="High">The first 64 bits.</param>
/// <param name="Low">The last 64 bits.</param>
public readonly record struct OwnerToken(ulong High, ulong Low)
{
    /// <summary>A token that no other call has.</summary>
    public static OwnerToken New()
    {
        // A Guid's bits come from the operating system each time. Those of a generator in the process, as cryptographic libraries have
        // one, would come again when a snapshot of the machine is restored. It fixes six bits, which are mixed.
        Span<ulong> bits = stackalloc ulong[2];
        var guid = Guid.NewGuid();
        MemoryMarshal.Write(MemoryMarshal.AsBytes(bits), in guid);
        var mixed = NewInProcess();
        return new OwnerToken(bits[0] ^ mixed.High, bits[1] ^ mixed.Low);
    }

    /// <summary>A token that no other call in this process has, for a store that only this process uses. Much cheaper.</summary>
    internal static OwnerToken NewInProcess()
    {
        Span<ulong> bits = stackalloc ulong[2];
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(bits));
        return new OwnerToken(bits[0], bits[1]);
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";
}
