using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Idempotency.Keys;

/// <summary>
/// Where bytes are looked for in a table. Never an identity: what is found is compared whole. Seeded per process, so that nobody
/// outside can choose arguments that collide.
/// </summary>
internal static class BucketHash
{
    private static readonly ulong s_seed0 = NewSeed();
    private static readonly ulong s_seed1 = NewSeed();

    public static ulong Of(ReadOnlySpan<byte> bytes) => Of(s_seed0, bytes);

    /// <summary>The hash of bytes that follow others, whose hash is <paramref name="before"/>.</summary>
    public static ulong Of(ulong before, ReadOnlySpan<byte> bytes)
    {
        // Multiply-and-fold over lanes of 16 bytes: the low and the high half of a 128-bit product depend on every input bit. Two lanes at
        // a time, which do not wait for each other.
        var seed = s_seed1;
        var (hash, other) = (before ^ (ulong)bytes.Length, seed);
        while (bytes.Length >= 32)
        {
            hash = Fold(Read(bytes) ^ seed, Read(bytes[8..]) ^ hash);
            other = Fold(Read(bytes[16..]) ^ seed, Read(bytes[24..]) ^ other);
            bytes = bytes[32..];
        }

        if (bytes.Length >= 16)
        {
            hash = Fold(Read(bytes) ^ seed, Read(bytes[8..]) ^ hash);
            bytes = bytes[16..];
        }

        if (bytes.Length > 8)
        {
            other = Fold(Read(bytes) ^ seed, Read(bytes[^8..]) ^ other);
        }
        else if (bytes.Length > 0)
        {
            var last = 0ul;
            foreach (var value in bytes)
            {
                last = (last << 8) | value;
            }

            other = Fold(last ^ seed, other);
        }

        return Fold(hash ^ BitOperations.RotateLeft(other, 32), seed | 1);
    }

    private static ulong Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<ulong>(bytes);

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
