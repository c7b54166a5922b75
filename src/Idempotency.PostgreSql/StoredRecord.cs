using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>Reads what the get statement returns.</summary>
internal static class StoredRecord
{
    /// <exception cref="InvalidDataException">The record cannot be read or trusted.</exception>
    /// <exception cref="InvalidOperationException">The server is a replica, which may not know the newest record.</exception>
    public static OperationRecord? Read(NpgsqlDataReader row, IdempotencyKey key)
    {
        if (row.GetBoolean(0))
        {
            throw Faults.Replica();
        }

        if (row.IsDBNull(2))
        {
            return null;
        }

        if (row.GetBoolean(1))
        {
            throw new InvalidDataException($"The record of {key} is not used: {Fault(row.GetInt16(2))}");
        }

        if (row.GetString(3) != OperationName.Stored(key.Operation))
        {
            return null;
        }

        var state = States.Of(row.GetChar(4));
        return new OperationRecord
        {
            Key = key,
            State = state,
            Version = row.GetInt64(5),
            Fence = row.GetInt64(6),
            Attempt = row.GetInt32(7),
            Fingerprint = row.GetFieldValue<byte[]>(8),
            StartedAt = new DateTimeOffset(row.GetDateTime(9)),
            LeaseUntil = state == RecordState.InProgress ? new DateTimeOffset(row.GetDateTime(10)) : null,
            ExpiresAt = row.IsDBNull(11) ? null : new DateTimeOffset(row.GetDateTime(11)),
            Outcome = state is RecordState.Completed or RecordState.Failed
                ? new StoredOutcome(state == RecordState.Failed, row.GetFieldValue<byte[]>(12))
                : null,
        };
    }

    /// <summary>Why a record is not used, as a sentence.</summary>
    public static string Fault(short format) => format == Sql.Format
        ? "Its columns contradict each other: somebody else has written to it, or it is damaged. Look at the row."
        : $"It has format {format}, and this version reads {Sql.Format}. Deploy the version that wrote it.";
}
