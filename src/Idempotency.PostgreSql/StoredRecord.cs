using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>Reads records out of the rows of statements.</summary>
internal static class StoredRecord
{
    /// <summary>Reads what the get statement returns.</summary>
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

        if (Fault(row, format: 2, state: 4, lease: 10, doubt: 1, expires: 11, outcome: 12) is { } fault)
        {
            throw new InvalidDataException($"The record of {key} is not used. {fault}");
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
            Outcome = state is RecordState.Completed or RecordState.Failed ? Outcome(row, state, 12) : null,
        };
    }

    public static StoredOutcome Outcome(NpgsqlDataReader row, RecordState state, int column) =>
        new(state == RecordState.Failed, row.GetFieldValue<byte[]>(column));

    /// <summary>Why the record of a row is not used, as sentences; <see langword="null"/> when it is. Says the same as the statements.</summary>
    public static string? Fault(NpgsqlDataReader row, int format, int state, int lease, int doubt, int expires, int outcome)
    {
        if (row.GetInt16(format) is var found && found != Sql.Format)
        {
            return $"It has format {found}, and this version reads {Sql.Format}. Deploy the version that wrote it.";
        }

        var isWhole = row.GetChar(state) switch
        {
            'I' => !row.IsDBNull(lease) && row.IsDBNull(expires),
            'D' => !row.IsDBNull(doubt) && row.IsDBNull(expires),
            'R' => !row.IsDBNull(expires),
            'C' or 'F' => !row.IsDBNull(expires) && !row.IsDBNull(outcome),
            _ => false,
        };
        return isWhole ? null : "Its columns contradict each other: it is damaged, or something else has written to it. Look at the row.";
    }
}
