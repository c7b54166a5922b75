using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

public sealed class CanonicalKeyComparerTests
{
    private static readonly CanonicalKeyComparer s_comparer = CanonicalKeyComparer.Instance;

    [Fact]
    public void Keys_are_compared_whole()
    {
        var bytes = new byte[40];
        var key = Key(bytes);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] = 1;

            Assert.False(s_comparer.Equals(Key(changed), key));
        }

        Assert.True(s_comparer.Equals(Key(bytes.ToArray()), key));
        Assert.Equal(s_comparer.GetHashCode(Key(bytes.ToArray())), s_comparer.GetHashCode(key));
        Assert.False(s_comparer.Equals(Key(bytes[1..]), key));
        Assert.False(s_comparer.Equals(null, key) || s_comparer.Equals(key, null));
    }

    private static IdempotencyKey Key(byte[] bytes) => new("tests.charge", bytes, TestKeys.Hasher);
}
