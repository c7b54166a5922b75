namespace Idempotency.Keys;

/// <summary>What all keys of one operation have in common, made once for all of them.</summary>
internal sealed class KeySpace
{
    /// <summary>How many bytes the header of an operation has. Of bytes that are no operation's keys the first so many stand for it.</summary>
    public const int HeaderLength = 32;

    private readonly byte[] _header;

    /// <param name="operation">The operation's stable name.</param>
    /// <param name="header">What every key starts with.</param>
    /// <param name="hasher">Makes the identity that the keys have outside the process.</param>
    public KeySpace(string operation, ReadOnlySpan<byte> header, KeyHasher hasher)
    {
        Operation = operation;
        Hasher = hasher;
        _header = header.ToArray();
        Hash = BucketHash.Of(header);
    }

    public string Operation { get; }

    public KeyHasher Hasher { get; }

    public ReadOnlySpan<byte> Header => _header;

    /// <summary>What the hashes of the keys begin with.</summary>
    public ulong Hash { get; }

    /// <summary>Whether keys of both are the same when their arguments are.</summary>
    public bool IsSameAs(KeySpace other) => ReferenceEquals(this, other) || Header.SequenceEqual(other.Header);

    /// <summary>The part of canonical bytes that is the header.</summary>
    public static ReadOnlySpan<byte> HeaderOf(ReadOnlySpan<byte> canonical) => canonical[..Math.Min(canonical.Length, HeaderLength)];
}
