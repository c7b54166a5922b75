using System.Buffers.Binary;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Redis;

/// <summary>A record as the server keeps it; record.lua has its layout. Made only of bytes that are one, as far as can be seen.</summary>
internal readonly struct RedisRecord
{
    /// <summary>The bytes of a record before its fingerprint.</summary>
    public const int HeadLength = 66;

    private const byte Format = 1;
    private const int TokenLength = 16;

    private readonly byte[] _bytes;

    private RedisRecord(byte[] bytes) => _bytes = bytes;

    public RecordState State => _bytes[1] switch
    {
        (byte)'I' => RecordState.InProgress,
        (byte)'C' => RecordState.Completed,
        (byte)'F' => RecordState.Failed,
        (byte)'D' => RecordState.InDoubt,
        _ => RecordState.Released,
    };

    public bool HasOutcome => State is RecordState.Completed or RecordState.Failed;

    public int Attempt => (int)BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(3));

    public long Fence => ReadInt64(7);

    public long Version => ReadInt64(15);

    public ReadOnlyMemory<byte> Fingerprint => _bytes.AsMemory(HeadLength, FingerprintLength);

    public StoredOutcome Outcome => new(State == RecordState.Failed, _bytes.AsMemory(HeadLength + FingerprintLength + (EndedCount * TokenLength)));

    private int FingerprintLength => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(63));

    private int EndedCount => _bytes[65];

    /// <summary>Reads bytes that came from the server.</summary>
    /// <returns>What is wrong with them as a sentence; <see langword="null"/> when they are a record.</returns>
    public static string? Read(byte[] bytes, out RedisRecord record)
    {
        record = new RedisRecord(bytes);
        if (bytes.Length > 0 && bytes[0] > Format)
        {
            return $"The record has format {bytes[0]}, and this version of the library reads formats up to {Format}.";
        }

        var isWhole = bytes.Length >= HeadLength && bytes[0] == Format && "ICFDR"u8.Contains(bytes[1])
            && bytes.Length >= HeadLength + record.FingerprintLength + (record.EndedCount * TokenLength);
        return isWhole ? null : "The value is damaged, or it is not a record.";
    }

    /// <summary>Whether this token must not be granted the record any more.</summary>
    public bool HasEnded(OwnerToken token)
    {
        Span<byte> wanted = stackalloc byte[TokenLength];
        Write(token, wanted);
        var ended = _bytes.AsSpan(HeadLength + FingerprintLength, EndedCount * TokenLength);
        for (; !ended.IsEmpty; ended = ended[TokenLength..])
        {
            if (ended[..TokenLength].SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }

    public OperationRecord Describe(IdempotencyKey key)
    {
        var (state, since, span) = (State, ReadInt64(31), ReadInt64(39));
        var until = span > long.MaxValue - since ? long.MaxValue : since + span;
        return new OperationRecord
        {
            Key = key,
            State = state,
            Version = Version,
            Fence = Fence,
            Attempt = Attempt,
            Fingerprint = Fingerprint,
            StartedAt = RedisTime.ToUtc(ReadInt64(23)),
            LeaseUntil = state == RecordState.InProgress ? RedisTime.ToUtc(until) : null,
            ExpiresAt = state is RecordState.InProgress or RecordState.InDoubt ? null : RedisTime.ToUtc(until),
            Outcome = HasOutcome ? Outcome : null,
        };
    }

    /// <summary>Writes a token as records have it.</summary>
    public static void Write(OwnerToken token, Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, token.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], token.Low);
    }

    private long ReadInt64(int at) => BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(at));
}
