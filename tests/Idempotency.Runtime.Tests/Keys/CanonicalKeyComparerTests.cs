using System.Buffers.Binary;
using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Keys are found by bytes, in few steps, whatever an attacker sends.</summary>
public sealed class CanonicalKeyComparerTests
{
    private static readonly CanonicalKeyComparer s_comparer = CanonicalKeyComparer.Instance;

    [Fact]
    public void Bytes_and_the_key_made_of_them_are_found_in_the_same_place()
    {
        var bytes = Enumerable.Range(0, 100).Select(static i => (byte)i).ToArray();
        for (var length = 0; length <= bytes.Length; length++)
        {
            var key = Key(bytes[..length]);

            Assert.Equal(s_comparer.GetHashCode(bytes.AsSpan(0, length)), s_comparer.GetHashCode(key));
            Assert.True(s_comparer.Equals(bytes.AsSpan(0, length), key));
            Assert.True(s_comparer.Equals(key, Key(bytes[..length])));
        }

        Assert.Throws<NotSupportedException>(() => s_comparer.Create(bytes));
    }

    [Fact]
    public void Keys_are_compared_whole()
    {
        var bytes = new byte[40];
        var key = Key(bytes);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] = 1;

            Assert.False(s_comparer.Equals(changed, key));
            Assert.False(s_comparer.Equals(Key(changed), key));
        }

        Assert.False(s_comparer.Equals(bytes.AsSpan(1), key));
        Assert.False(s_comparer.Equals((IdempotencyKey?)null, key) || s_comparer.Equals(key, null));
    }

    [Theory]
    [InlineData(37)] // a header and an int
    [InlineData(41)] // a header and a long
    [InlineData(49)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(16)]
    public void A_hundred_thousand_sequential_keys_have_next_to_no_hash_in_common(int length)
    {
        const int Keys = 100_000;
        var hashes = new HashSet<int>();
        var buckets = new int[1024];
        var bytes = new byte[length];
        for (var i = 0; i < Keys; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(length - 4), i);
            var hash = s_comparer.GetHashCode(bytes);
            hashes.Add(hash);
            buckets[hash & 1023]++;
        }

        // By chance alone one pair in 2^32 collides: about one here; twenty never happen.
        Assert.True(hashes.Count > Keys - 20, $"{Keys - hashes.Count} of {Keys} hashes collide.");
        Assert.InRange(buckets.Max(), Keys / 1024, Keys / 1024 * 2);
    }

    [Fact]
    public void Every_bit_and_the_length_change_the_hash()
    {
        var unchanged = 0;
        for (var length = 1; length <= 70; length++)
        {
            var bytes = new byte[length];
            var hash = s_comparer.GetHashCode(bytes);
            unchanged += hash == s_comparer.GetHashCode(new byte[length - 1]) ? 1 : 0;
            for (var bit = 0; bit < length * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                unchanged += hash == s_comparer.GetHashCode(bytes) ? 1 : 0;
                bytes[bit / 8] = 0;
            }
        }

        Assert.InRange(unchanged, 0, 2);
    }

    private static IdempotencyKey Key(byte[] bytes) => new("tests.charge", bytes, TestKeys.Hasher);
}
