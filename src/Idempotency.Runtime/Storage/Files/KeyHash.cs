using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Idempotency.Keys;

namespace Idempotency.Storage.Files;

/// <summary>A key as it is in the file: the 32 bytes of <see cref="IdempotencyKey.Text"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KeyHash(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    public const int Length = 32;

    private static readonly ulong s_seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    /// <summary>Where the key is looked for. Seeded, so that nobody outside can choose arguments that meet in one place.</summary>
    public ulong Place
    {
        get
        {
            var high = Math.BigMul(First ^ s_seed, Second ^ (s_seed << 1), out var low);
            return high ^ low;
        }
    }

    public static KeyHash Of(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> bytes = stackalloc byte[Length];
        Convert.FromHexString(key.Text, bytes, out _, out _);
        return Read(bytes);
    }

    public static KeyHash Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<KeyHash>(bytes);

    public void Write(Span<byte> bytes) => MemoryMarshal.Write(bytes, this);
}
