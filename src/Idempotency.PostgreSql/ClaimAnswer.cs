using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>What the claim statements answer.</summary>
/// <param name="Claim">The answer.</param>
/// <param name="IsAsync">Whether the server acknowledged a grant before it was on the disk.</param>
internal readonly record struct ClaimAnswer(Claim Claim, bool IsAsync)
{
    /// <summary>Reads a row; <see langword="null"/> when it is a record's that the claim may take.</summary>
    public static ClaimAnswer? Read(NpgsqlDataReader row, IdempotencyKey key)
    {
        if (!row.IsDBNull(0))
        {
            Claim written = States.Of(row.GetChar(0)) == RecordState.InDoubt ? Doubt(row) : new Claim.Acquired(row.GetInt64(2), row.GetInt32(1), row.GetBoolean(3));
            return new ClaimAnswer(written, row.GetBoolean(16));
        }

        return Told(row, key) is { } claim ? new ClaimAnswer(claim, IsAsync: false) : null;
    }

    /// <summary>What a record that was only looked at answers; the other half, what may be written, is in the statement that writes.</summary>
    private static Claim? Told(NpgsqlDataReader row, IdempotencyKey key)
    {
        if (StoredRecord.Fault(row, format: 6, state: 8, lease: 12, doubt: 4, expires: 13, outcome: 15) is { } fault)
        {
            return new Claim.Unreadable(fault);
        }

        var (state, now) = (States.Of(row.GetChar(8)), row.GetDateTime(14));
        if (!row.IsDBNull(13) && row.GetDateTime(13) <= now)
        {
            return null;
        }

        if (row.GetString(7) is var operation && operation != OperationName.Stored(key.Operation))
        {
            return new Claim.Unreadable($"The key's hash belongs to the operation '{operation}'.");
        }

        var (isOwn, isEnded, isSame) = (row.GetBoolean(9), row.GetBoolean(10), row.GetBoolean(11));
        return state switch
        {
            _ when isEnded => Claim.Stale,
            RecordState.Released => null,
            _ when !isSame => Claim.Mismatch,
            RecordState.Completed or RecordState.Failed => new Claim.Finished(StoredRecord.Outcome(row, state, 15)),
            _ when isOwn => null,
            RecordState.InDoubt => Doubt(row),
            _ when row.GetDateTime(12) - now is var left && left > TimeSpan.Zero => new Claim.Busy(row.GetInt32(1), left, row.GetInt64(5)),
            _ => null,
        };
    }

    private static Claim.InDoubt Doubt(NpgsqlDataReader row) => new(row.GetInt32(1), new DateTimeOffset(row.GetDateTime(4)));
}
