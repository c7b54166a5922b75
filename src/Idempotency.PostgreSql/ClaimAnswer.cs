using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>What the claim statement answered.</summary>
/// <param name="Claim">The answer.</param>
/// <param name="IsAsync">Whether the server acknowledged it before it is on the disk.</param>
internal readonly record struct ClaimAnswer(Claim Claim, bool IsAsync)
{
    public const int IsAsyncColumn = 12;

    /// <summary>The answer of the one row; <see langword="null"/> when the key was to be had and was not, so that the claim is to be sent again.</summary>
    public static ClaimAnswer? Read(NpgsqlDataReader row)
    {
        Claim? claim = row.GetString(0) switch
        {
            "granted" => new Claim.Acquired(row.GetInt64(2), row.GetInt32(1), row.GetBoolean(4)),
            "busy" => new Claim.Busy(row.GetInt32(1), Remaining(row), row.GetInt64(3)),
            "doubt" => new Claim.InDoubt(row.GetInt32(1), new DateTimeOffset(row.GetDateTime(6))),
            "finished" => new Claim.Finished(new StoredOutcome(States.Of(row.GetChar(10)) == RecordState.Failed, row.GetFieldValue<byte[]>(11))),
            "stale" => Claim.Stale,
            "mismatch" => Claim.Mismatch,
            "foreign" => new Claim.Unreadable($"Its record belongs to the operation '{row.GetString(9)}'."),
            "unreadable" => new Claim.Unreadable(StoredRecord.Fault(row.GetInt16(8))),
            _ => null,
        };
        return claim is null ? null : new ClaimAnswer(claim, row.GetBoolean(IsAsyncColumn));
    }

    /// <summary>What was left when the row was looked at; more than nothing, although some time has passed since.</summary>
    private static TimeSpan Remaining(NpgsqlDataReader row)
    {
        var left = row.GetDateTime(5) - row.GetDateTime(7);
        return left > TimeSpan.Zero ? left : TimeSpan.FromTicks(1);
    }
}
