using System.Buffers.Binary;
using System.Security.Cryptography;
using Idempotency.Storage;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>A claim as claim.lua is asked it, and its answer.</summary>
internal static class RedisClaims
{
    private static readonly RedisValue s_retry = "R", s_hold = "H";

    public static RedisValue[] Ask(RedisValue channel, ClaimRequest request, RedisValue epoch)
    {
        var head = new byte[27 + request.Fingerprint.Length];
        BinaryPrimitives.WriteInt64BigEndian(head, RedisTime.ToMicroseconds(request.Lease));
        RedisRecord.Write(request.Token, head.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(24), checked((ushort)request.Fingerprint.Length));
        request.Fingerprint.Span.CopyTo(head.AsSpan(27));
        return [channel, head, request.OnCrash == OnCrash.Hold ? s_hold : s_retry, epoch];
    }

    /// <summary>What an answer says; <see langword="null"/> when it says that the server has lost what it kept.</summary>
    public static Claim? Read(byte[] answer, in ClaimRequest request)
    {
        if (answer.Length < 2 || answer[0] != 0)
        {
            return RedisRecord.Read(answer, out var record) is { } fault ? new Claim.Unreadable(fault) : Ended(record, request);
        }

        var said = answer.AsSpan(2);
        return answer[1] switch
        {
            (byte)'A' => new Claim.Acquired(BinaryPrimitives.ReadInt64BigEndian(said), BinaryPrimitives.ReadInt32BigEndian(said[8..]), said[12] == 1),
            (byte)'S' => Claim.Stale,
            (byte)'M' => Claim.Mismatch,
            (byte)'B' => Busy(BinaryPrimitives.ReadInt64BigEndian(said), said[8..]),
            (byte)'D' => new Claim.InDoubt(BinaryPrimitives.ReadInt32BigEndian(said[8..]), RedisTime.ToUtc(BinaryPrimitives.ReadInt64BigEndian(said))),
            (byte)'L' => null,
            _ => throw new InvalidDataException($"The script of a claim answered '{(char)answer[1]}'."),
        };
    }

    /// <summary>What a record that has ended answers a claim with another token than its ended ones.</summary>
    public static Claim Ended(in RedisRecord record, in ClaimRequest request) =>
        CryptographicOperations.FixedTimeEquals(record.Fingerprint.Span, request.Fingerprint.Span) ? new Claim.Finished(record.Outcome) : Claim.Mismatch;

    private static Claim.Busy Busy(long now, ReadOnlySpan<byte> head)
    {
        var (since, span) = (BinaryPrimitives.ReadInt64BigEndian(head[31..]), BinaryPrimitives.ReadInt64BigEndian(head[39..]));
        var left = Math.Clamp(span - (now - since), 1, TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond);
        return new Claim.Busy(BinaryPrimitives.ReadInt32BigEndian(head[3..]), TimeSpan.FromTicks(left * TimeSpan.TicksPerMicrosecond), BinaryPrimitives.ReadInt64BigEndian(head[15..]));
    }
}
