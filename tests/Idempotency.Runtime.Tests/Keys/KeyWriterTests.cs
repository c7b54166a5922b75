using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Where the writer writes, what it refuses, and what it leaves behind.</summary>
public sealed class KeyWriterTests
{
    [Fact]
    public void Ten_megabytes_of_text_are_written_whole()
    {
        var text = new string('x', 10_000_000);

        var bytes = TestKeys.Bytes((ref key) => key.Add(text));

        Assert.Equal(1 + sizeof(int) + text.Length, bytes.Length);
        Assert.Equal(text.Length, BitConverter.ToInt32(bytes, 1));
        Assert.Equal(-1, bytes.AsSpan(5).IndexOfAnyExcept((byte)'x'));
    }

    [Fact]
    public void Ten_megabytes_that_are_not_well_formed_are_written_whole()
    {
        var text = new string('\u20ac', 5_000_000) + "\ud800";

        Assert.Equal(1 + sizeof(int) + (2 * text.Length), TestKeys.Bytes((ref key) => key.Add(text)).Length);
        Assert.NotEqual(
            TestKeys.Bytes((ref key) => key.Add(text)),
            TestKeys.Bytes((ref key) => key.Add(text[..^1] + "\udfff")));
    }

    [Fact]
    public void A_key_that_outgrows_its_buffer_again_and_again_keeps_every_part()
    {
        var key = new KeyWriter([1, 2, 3], stackalloc byte[4]);
        for (var i = 0; i < 100_000; i++)
        {
            key.Add(i);
        }

        Assert.Equal(3 + (100_000 * 5), key.Key.Length);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.Equal(i, BitConverter.ToInt32(key.Key.Slice(3 + (i * 5) + 1, 4)));
        }

        key.Dispose();
    }

    [Fact]
    public void A_key_within_its_buffer_rents_nothing()
    {
        Span<byte> buffer = stackalloc byte[64];
        var key = new KeyWriter(default, buffer);
        key.Add(42);

        Assert.True(Unsafe.AreSame(in MemoryMarshal.GetReference(key.Key), in MemoryMarshal.GetReference((ReadOnlySpan<byte>)buffer)));
    }

    [Fact]
    public void Disposing_gives_the_pooled_buffer_back_once_and_emptied()
    {
        var key = new KeyWriter(default, stackalloc byte[16]);
        key.Add(new string('s', 3000)); // a secret
        var length = 4096;
        ref readonly var pooled = ref MemoryMarshal.GetReference(key.Key);

        key.Dispose();
        key.Dispose();

        var (first, second) = (ArrayPool<byte>.Shared.Rent(length), ArrayPool<byte>.Shared.Rent(length));
        Assert.True(Unsafe.AreSame(in pooled, in first[0]));
        Assert.NotSame(first, second);
        Assert.Equal(-1, first.AsSpan().IndexOfAnyExcept((byte)0));
        ArrayPool<byte>.Shared.Return(first);
        ArrayPool<byte>.Shared.Return(second);
    }

    [Fact]
    public void Growing_empties_the_buffer_it_leaves()
    {
        var key = new KeyWriter(default, default);
        key.Add(new string('s', 3000));
        ref readonly var left = ref MemoryMarshal.GetReference(key.Key);
        key.Add(new string('t', 9000));

        var rented = ArrayPool<byte>.Shared.Rent(4096);
        Assert.True(Unsafe.AreSame(in left, in rented[0]));
        Assert.Equal(-1, rented.AsSpan().IndexOfAnyExcept((byte)0));
        ArrayPool<byte>.Shared.Return(rented);
        key.Dispose();
    }

    [Fact]
    public void Arguments_after_the_key_are_the_fingerprint_and_not_the_key()
    {
        var key = new KeyWriter([9], stackalloc byte[8]);
        key.Add("in the key");
        var before = key.Key.ToArray();
        key.BeginFingerprint();
        Assert.True(key.FingerprintParts.IsEmpty);
        key.Add("a long argument that is only compared");

        Assert.Equal(before, key.Key);
        Assert.Equal(TestKeys.Bytes((ref only) => only.Add("a long argument that is only compared")), key.FingerprintParts);
        key.Dispose();
    }

    [Fact]
    public void Nesting_of_64_levels_is_a_key_and_of_65_is_refused()
    {
        Assert.NotEmpty(TestKeys.Bytes(static (ref key) => key.AddPart(new Nested(63))));
        var refusal = Assert.Throws<ArgumentException>(static () => TestKeys.Bytes(static (ref key) => key.AddPart(new Nested(64))));

        Assert.Contains("nested deeper than 64 levels; does it contain itself?", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("set")]
    [InlineData("map")]
    [InlineData("part")]
    public void A_value_that_contains_itself_is_refused(string kind)
    {
        var self = new Cycle(kind);

        Assert.Contains("does it contain itself", Assert.Throws<ArgumentException>(() => TestKeys.Bytes((ref key) => key.AddPart(self))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_siblings_are_not_deep()
    {
        var bytes = TestKeys.Bytes(static (ref key) => key.AddList(Enumerable.Range(0, 1000).Select(static _ => new Nested(30)), static (ref inner, item) => inner.AddPart(item)));

        Assert.Equal(1000, BitConverter.ToInt32(bytes, 1));
    }

    [Fact]
    public void An_instance_of_a_derived_class_is_refused_because_its_own_members_would_be_missing()
    {
        var refusal = Assert.Throws<ArgumentException>(static () =>
            TestKeys.Bytes(static (ref key) => key.BeginObject(new FileNotFoundException(), typeof(IOException), 1)));

        Assert.Contains(typeof(IOException).FullName!, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(FileNotFoundException).FullName!, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Declare the derived type, seal", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(static () => TestKeys.Bytes(static (ref key) => key.BeginObject(null!, typeof(object), 0)));
    }

    [Fact]
    public void Missing_writers_are_refused()
    {
        Assert.Throws<ArgumentNullException>(static () => TestKeys.Bytes(static (ref key) => key.AddList<int>([1], null!)));
        Assert.Throws<ArgumentNullException>(static () => TestKeys.Bytes(static (ref key) => key.AddSet<int>([1], null!)));
        Assert.Throws<ArgumentNullException>(static () => TestKeys.Bytes(static (ref key) => key.AddMap<int, int>([], null!, null!)));
        Assert.Throws<ArgumentNullException>(static () => TestKeys.Bytes(static (ref key) => key.AddType(null!)));
    }

    private sealed record Nested(int Levels) : IIdempotencyKeyPart
    {
        public void WriteTo(ref KeyWriter key)
        {
            if (Levels > 0)
            {
                key.AddPart(new Nested(Levels - 1));
            }
        }
    }

    private sealed class Cycle(string kind) : IIdempotencyKeyPart
    {
        public void WriteTo(ref KeyWriter key)
        {
            switch (kind)
            {
                case "list":
                    key.AddList([this], Add);
                    break;
                case "set":
                    key.AddSet([this], Add);
                    break;
                case "map":
                    key.AddMap([KeyValuePair.Create(this, this)], Add, Add);
                    break;
                default:
                    key.AddPart(this);
                    break;
            }
        }

        private static void Add(ref KeyWriter key, Cycle value) => key.AddPart(value);
    }
}
