using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Idempotency.Keys;

/// <summary>
/// Compares keys by their canonical bytes, whole, and finds them by bytes that are still on a caller's stack. The bucket hash is
/// seeded per process, so that nobody outside can choose arguments that collide.
/// </summary>
internal sealed class CanonicalKeyComparer : IEqualityComparer<IdempotencyKey>, IAlternateEqualityComparer<ReadOnlySpan<byte>, IdempotencyKey>
{
    public static readonly CanonicalKeyComparer Instance = new();

    private readonly ulong _seed0 = NewSeed();
    private readonly ulong _seed1 = NewSeed();

    private CanonicalKeyComparer()
    {
    }

    public bool Equals(IdempotencyKey? x, IdempotencyKey? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Canonical.SequenceEqual(y.Canonical));

    public int GetHashCode([DisallowNull] IdempotencyKey obj) => GetHashCode(obj.Canonical);

    public bool Equals(ReadOnlySpan<byte> alternate, IdempotencyKey other) => alternate.SequenceEqual(other.Canonical);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        // Multiply-and-fold over 16-byte lanes: the low and the high half of a 128-bit product depend on every input bit.
        var hash = _seed0 ^ (ulong)alternate.Length;
        while (alternate.Length >= 16)
        {
            hash = Fold(Read(alternate) ^ _seed1, Read(alternate[8..]) ^ hash);
            alternate = alternate[16..];
        }

        if (alternate.Length > 8)
        {
            hash = Fold(Read(alternate) ^ _seed1, Read(alternate[^8..]) ^ hash);
        }
        else if (alternate.Length > 0)
        {
            var last = 0ul;
            foreach (var value in alternate)
            {
                last = (last << 8) | value;
            }

            hash = Fold(last ^ _seed1, hash);
        }

        var folded = Fold(hash, _seed1 | 1);
        return (int)(folded ^ (folded >> 32));
    }

    /// <summary>Never needed: a key is made before it is added, so that its bytes are copied once.</summary>
    public IdempotencyKey Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException("Keys are added as keys, not as bytes.");

    private static ulong Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<ulong>(bytes);

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
