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
        var rest = bytes;
        while (rest.Length >= 32)
        {
            hash = Fold(Read(rest) ^ seed, Read(rest[8..]) ^ hash);
            other = Fold(Read(rest[16..]) ^ seed, Read(rest[24..]) ^ other);
            rest = rest[32..];
        }

        if (rest.Length >= 16)
        {
            hash = Fold(Read(rest) ^ seed, Read(rest[8..]) ^ hash);
            rest = rest[16..];
        }

        if (rest.Length > 8)
        {
            other = Fold(Read(rest) ^ seed, Read(rest[^8..]) ^ other);
        }
        else if (!rest.IsEmpty)
        {
            other = Fold(Last(bytes) ^ seed, other);
        }

        return Fold(hash ^ BitOperations.RotateLeft(other, 32), seed | 1);
    }

    /// <summary>The last eight bytes, of which some may have been read before; all, when there are fewer.</summary>
    private static ulong Last(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 8)
        {
            return Read(bytes[^8..]);
        }

        var last = 0ul;
        foreach (var value in bytes)
        {
            last = (last << 8) | value;
        }

        return last;
    }

    private static ulong Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<ulong>(bytes);

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
