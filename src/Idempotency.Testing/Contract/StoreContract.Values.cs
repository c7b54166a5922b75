using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    /// <summary>Fingerprints that are easily taken for each other.</summary>
    public static TheoryData<byte[], byte[]> DifferentFingerprints()
    {
        var hash = Enumerable.Range(1, 32).Select(static i => (byte)i).ToArray();
        return new TheoryData<byte[], byte[]>
        {
            { hash, [.. hash[..31], 33] },
            { hash, [] },
            { [], hash },
            { [], [0] },
            { hash, hash[..31] },
            { hash[..31], hash },
            { new byte[32], new byte[31] },
            { [0x00], [0x80] },
        };
    }

    /// <summary>Arguments, as bytes, that are easily taken for each other or for something else.</summary>
    private static readonly byte[][] s_oddKeys =
    [
        [0], [0, 0], [1], [1, 0], [0x80], [0xFF], [.. "a"u8], [.. "A"u8], [.. "a "u8], [.. "a\n"u8], [.. "a\r\nb"u8], [.. "a\0b"u8],
        [.. "../../records"u8], [.. "..\\..\\records"u8], [.. "con"u8], [.. "\U0001F4B8"u8], [.. "é"u8], [.. "e\u0301"u8],
        [.. "'; drop table records; --"u8], [.. "*1\r\n$8\r\nFLUSHALL\r\n"u8], new byte[10_240], [.. new byte[10_239], 1], [.. new byte[10_239], 2], new byte[10_239],
    ];

    [Theory, MemberData(nameof(DifferentFingerprints))]
    public async Task Fingerprints_are_compared_whole(byte[] first, byte[] second)
    {
        var key = NewKey();
        var owner = await AcquireAsync(key, fingerprint: first);

        Assert.Equal(first, (await RecordAsync(key)).Fingerprint.ToArray());
        Assert.Same(Claim.Mismatch, await ClaimAsync(key, fingerprint: second, store: OtherStore));
        Assert.IsType<Claim.Busy>(await ClaimAsync(key, fingerprint: first, store: OtherStore));
        await CompleteAsync(key, owner);
        Assert.Same(Claim.Mismatch, await ClaimAsync(key, fingerprint: second, store: OtherStore));
        Assert.IsType<Claim.Finished>(await ClaimAsync(key, fingerprint: first, store: OtherStore));
    }

    [Fact]
    public async Task A_take_over_keeps_the_fingerprint()
    {
        var key = NewKey();
        var first = await AcquireAsync(key, fingerprint: Bytes("cart 1"));
        await EndLeaseAsync(key, first);
        var second = await AcquireAsync(key, fingerprint: Bytes("cart 1"));

        Assert.Same(Claim.Mismatch, await ClaimAsync(key, fingerprint: Bytes("cart 2")));
        await CompleteAsync(key, second);

        Assert.Same(Claim.Mismatch, await ClaimAsync(key, fingerprint: Bytes("cart 2")));
        Assert.IsType<Claim.Finished>(await ClaimAsync(key, fingerprint: Bytes("cart 1")));
    }

    [Fact]
    public async Task A_renewal_keeps_the_fingerprint()
    {
        var key = NewKey();
        var owner = await AcquireAsync(key, fingerprint: Bytes("cart 1"));
        await RenewAsync(key, owner);

        Assert.Same(Claim.Mismatch, await ClaimAsync(key, fingerprint: Bytes("cart 2")));
        Assert.IsType<Claim.Busy>(await ClaimAsync(key, fingerprint: Bytes("cart 1")));
    }

    [Fact]
    public async Task A_freed_key_takes_the_fingerprint_of_whoever_is_next()
    {
        var key = NewKey();
        await ReleaseAsync(key, await AcquireAsync(key, fingerprint: Bytes("cart 1")));

        await AcquireAsync(key, fingerprint: Bytes("cart 2"));

        Assert.Same(Claim.Mismatch, await ClaimAsync(key, fingerprint: Bytes("cart 1")));
        Assert.IsType<Claim.Busy>(await ClaimAsync(key, fingerprint: Bytes("cart 2")));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(255 * 1024, false)]
    [InlineData(1024 * 1024, false)]
    [InlineData(1024 * 1024, true)]
    public async Task An_outcome_comes_back_byte_for_byte(int size, bool isFailure)
    {
        var payload = new byte[Math.Min(size, LargestOutcome)];
        new Random(size).NextBytes(payload);
        var key = NewKey();
        await CompleteAsync(key, await AcquireAsync(key), new StoredOutcome(isFailure, payload.ToArray()));

        foreach (var store in new[] { Store, OtherStore })
        {
            var replayed = Assert.IsType<Claim.Finished>(await ClaimAsync(key, store: store)).Outcome;
            Assert.Equal(isFailure, replayed.IsFailure);
            Assert.True(replayed.Payload.Span.SequenceEqual(payload), $"{replayed.Payload.Length} of {size} bytes came back, or others did.");
        }

        Assert.True((await RecordAsync(key)).Outcome!.Payload.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task Odd_keys_are_kept_apart()
    {
        var keys = s_oddKeys.Select(static bytes => IdempotencyKey.FromCanonical("contract.odd", bytes)).ToList();
        await LiveApartAsync(keys);
    }

    [Fact]
    public async Task Keys_that_differ_in_one_bit_are_kept_apart()
    {
        var keys = new List<IdempotencyKey>();
        for (var bit = 0; bit < 64; bit++)
        {
            var bytes = BitConverter.GetBytes(1UL << bit);
            keys.Add(IdempotencyKey.FromCanonical("contract.bits", bytes));
        }

        await LiveApartAsync(keys);
    }

    [Fact]
    public async Task Odd_operation_names_are_kept_apart()
    {
        string[] names =
        [
            "a", "A", "a\n", "a\r\nb", "a\0b", "../../records", "..\\..\\records", "con", "a/b", "a:b", "\U0001F4B8", "é", "e\u0301", "{0}", "%n", "'; --",
            new string('n', 300), new string('n', 301),
        ];
        await LiveApartAsync([.. names.Select(static name => KeyOf(name, "the same argument"))]);
    }

    /// <summary>The key that a guard makes of an operation and one argument.</summary>
    private static IdempotencyKey KeyOf(string operation, string argument)
    {
        var header = new IdempotentOperation<NoResult>(operation).KeyHeader;
        var key = new KeyWriter(header, stackalloc byte[1024]);
        try
        {
            key.Add(argument);
            return IdempotencyKey.FromCanonical(operation, key.Key);
        }
        finally
        {
            key.Dispose();
        }
    }

    /// <summary>Claims all the keys, then completes them, then asks for every outcome: each key has its own.</summary>
    private async Task LiveApartAsync(List<IdempotencyKey> keys)
    {
        var owners = new List<Ownership>();
        foreach (var key in keys)
        {
            owners.Add(await AcquireAsync(key));
        }

        for (var i = 0; i < keys.Count; i++)
        {
            Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(keys[i], owners[i], Outcome($"outcome {i}")));
        }

        for (var i = 0; i < keys.Count; i++)
        {
            var answer = await ClaimAsync(keys[i], store: OtherStore);
            Assert.Equal($"outcome {i}", TextOf(Assert.IsType<Claim.Finished>(answer).Outcome));
            Assert.Equal(keys[i], (await RecordAsync(keys[i])).Key);
        }
    }
}
