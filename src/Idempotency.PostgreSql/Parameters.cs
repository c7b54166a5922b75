using System.Buffers.Binary;
using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Idempotency.PostgreSql;

/// <summary>Values as the statements take them.</summary>
internal static class Parameters
{
    /// <summary>Longer than anybody means, and still a moment that both sides can name.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(5000 * 365.25);

    public static NpgsqlParameter Key(IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Bytes(Convert.FromHexString(key.Text));
    }

    /// <summary>The lock of a key's transactions: a part of its hash. Two keys that share one only wait for each other.</summary>
    public static NpgsqlParameter Lock(IdempotencyKey key) => Number(BinaryPrimitives.ReadInt64BigEndian(Convert.FromHexString(key.Text.AsSpan(0, 16))));

    public static NpgsqlParameter Operation(IdempotencyKey key) =>
        new NpgsqlParameter<string> { TypedValue = OperationName.Stored(key.Operation), NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Token(OwnerToken token)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, token.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], token.Low);
        return new NpgsqlParameter<Guid> { TypedValue = new Guid(bytes, bigEndian: true), NpgsqlDbType = NpgsqlDbType.Uuid };
    }

    /// <summary>In microseconds. A day of the server is not always 24 hours long, but these are.</summary>
    public static NpgsqlParameter Duration(TimeSpan duration) =>
        Number((duration < s_longest ? duration : s_longest).Ticks / TimeSpan.TicksPerMicrosecond);

    public static NpgsqlParameter Number(long number) => new NpgsqlParameter<long> { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Bigint };

    public static NpgsqlParameter Flag(bool flag) => new NpgsqlParameter<bool> { TypedValue = flag, NpgsqlDbType = NpgsqlDbType.Boolean };

    public static NpgsqlParameter Bytes(ReadOnlyMemory<byte> bytes) =>
        new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea };

    public static NpgsqlParameter Text(string text) => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Keys(IEnumerable<IdempotencyKey> keys) => new NpgsqlParameter<byte[][]>
    {
        TypedValue = [.. keys.Select(static key => Convert.FromHexString(key.Text))],
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
    };

    /// <summary>The state that an outcome leads to; released when there is none.</summary>
    public static NpgsqlParameter StateAfter(StoredOutcome? outcome) => new NpgsqlParameter<char>
    {
        TypedValue = States.LetterOf(outcome switch { null => RecordState.Released, { IsFailure: true } => RecordState.Failed, _ => RecordState.Completed }),
        NpgsqlDbType = NpgsqlDbType.InternalChar,
    };

    public static NpgsqlParameter Payload(StoredOutcome? outcome) => outcome is null
        ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea }
        : Bytes(outcome.Payload);
}
