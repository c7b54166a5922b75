using System.Runtime.InteropServices;
using System.Security.Cryptography;

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
        // Straight from the operating system each time: a buffer of random bytes would be repeated by a restored snapshot.
        Span<ulong> bits = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(bits));
        return new OwnerToken(bits[0], bits[1]);
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
