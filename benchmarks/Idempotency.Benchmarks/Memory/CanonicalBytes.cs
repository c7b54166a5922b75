using System.Diagnostics.CodeAnalysis;
using Idempotency.Keys;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Keys as bytes in a plain dictionary, found by bytes on the stack: the least that a guard in memory can do.</summary>
internal sealed class CanonicalBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly CanonicalBytes Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = 0x9E3779B97F4A7C15 ^ (ulong)alternate.Length;
        while (alternate.Length >= 16)
        {
            var high = Math.BigMul(BitConverter.ToUInt64(alternate) ^ 0xD6E8FEB86659FD93, BitConverter.ToUInt64(alternate[8..]) ^ hash, out var low);
            hash = high ^ low;
            alternate = alternate[16..];
        }

        foreach (var value in alternate)
        {
            hash = (hash * 31) + value;
        }

        return (int)(hash ^ (hash >> 32));
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    /// <summary>The canonical bytes of a call of <see cref="Charges"/>, as its generated code makes them.</summary>
    public static ReadOnlySpan<byte> Of(Span<byte> buffer, ReadOnlySpan<byte> header, int userId, decimal amount, string orderId, Guid requestId)
    {
        var key = new KeyWriter(header, buffer);
        key.Add(userId);
        key.Add(amount);
        key.Add(orderId);
        key.Add(requestId);
        return key.Key.Length <= buffer.Length ? buffer[..key.Key.Length] : throw new ArgumentException("The buffer is too short.", nameof(buffer));
    }
}
