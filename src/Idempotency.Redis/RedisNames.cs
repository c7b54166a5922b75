using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>How records are named: the prefix, the key's hash, the operation.</summary>
/// <remarks>
/// The first two digits of the hash are a hash tag, which decides where a cluster puts the key: all 256 of them spread over the
/// servers, whatever an operation's name looks like, and a mark of each can lie beside the records it stands for.
/// </remarks>
internal sealed class RedisNames(string prefix)
{
    public const int Tags = 256;

    private readonly RedisKey[] _marks = [.. Enumerable.Range(0, Tags).Select(tag => (RedisKey)$"{prefix}{{{tag:x2}}}:epoch")];

    /// <summary>Where changes that somebody waits for are published, by the name of their record.</summary>
    public string Channel { get; } = $"{prefix}changed";

    public string RecordOf(IdempotencyKey key) => $"{prefix}{{{key.Text.AsSpan(0, 2)}}}{key.Text.AsSpan(2)}:{key.Operation}";

    public static int TagOf(IdempotencyKey key) => Convert.ToByte(key.Text[..2], 16);

    /// <summary>What tells that the records of a tag are all there.</summary>
    public RedisKey MarkOf(int tag) => _marks[tag];
}
