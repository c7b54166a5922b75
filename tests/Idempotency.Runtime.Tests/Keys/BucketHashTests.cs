using System.Buffers.Binary;
using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Bytes are found in few steps, whatever an attacker sends.</summary>
public sealed class BucketHashTests
{
    [Fact]
    public void What_follows_a_header_is_hashed_with_it()
    {
        var header = BucketHash.Of([1, 2, 3]);

        Assert.Equal(BucketHash.Of(header, [4, 5]), BucketHash.Of(BucketHash.Of([1, 2, 3]), [4, 5]));
        Assert.NotEqual(BucketHash.Of(header, [4, 5]), BucketHash.Of(BucketHash.Of([1, 2, 4]), [4, 5]));
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
        var (low, high) = (new int[1024], new int[64]);
        var bytes = new byte[length];
        for (var i = 0; i < Keys; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(length - 4), i);
            var hash = Hash(bytes);
            hashes.Add(hash);
            low[hash & 1023]++;
            high[(uint)hash >> 26]++;
        }

        // By chance alone one pair in 2^32 collides: about one here; twenty never happen.
        Assert.True(hashes.Count > Keys - 20, $"{Keys - hashes.Count} of {Keys} hashes collide.");
        Assert.InRange(low.Max(), Keys / 1024, Keys / 1024 * 2);
        Assert.InRange(high.Max(), Keys / 64, Keys / 64 * 1.2);
    }

    [Fact]
    public void Every_bit_and_the_length_change_the_hash()
    {
        var unchanged = 0;
        for (var length = 1; length <= 70; length++)
        {
            var bytes = new byte[length];
            var hash = Hash(bytes);
            unchanged += hash == Hash(new byte[length - 1]) ? 1 : 0;
            for (var bit = 0; bit < length * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                unchanged += hash == Hash(bytes) ? 1 : 0;
                bytes[bit / 8] = 0;
            }
        }

        Assert.InRange(unchanged, 0, 2);
    }

    private static int Hash(ReadOnlySpan<byte> bytes) => (int)BucketHash.Of(bytes);
}
