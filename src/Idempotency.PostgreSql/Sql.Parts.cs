namespace Idempotency.PostgreSql;

/// <summary>What several statements have in common.</summary>
internal sealed partial record Sql
{
    /// <summary>How long the session waits for locks, kept for the length of this transaction.</summary>
    private const string RememberWaiting = "set_config('idempotency.lock_timeout', current_setting('lock_timeout'), true)";

    public const string RestoreWaiting = "set_config('lock_timeout', current_setting('idempotency.lock_timeout'), true)";

    /// <summary>How many ended tokens a record remembers, the oldest forgotten first.</summary>
    private const int MaxDead = 8;

    private const string EmptyArray = "{}";

    /// <summary>The token of a record that nobody owns; no call has it.</summary>
    private const string NoToken = "00000000-0000-0000-0000-000000000000";

    /// <summary>Whether a commit of this session is acknowledged before it is on the disk.</summary>
    private const string IsAsync = "(current_setting('synchronous_commit') = 'off')";

    /// <summary>Of a record that a claim may write: it is in progress, of another, and the claimant holds what is in doubt.</summary>
    private const string Doubted = "($7 AND r.state = 'I' AND r.token <> $3)";

    /// <summary>The token owns the record.</summary>
    private const string Again = "(r.token = $3 AND r.state IN ('I', 'D'))";

    /// <summary>What a grant, or finding doubt, answers; as many columns as the row of a record that is only told.</summary>
    private const string Granted =
        $"""
        state AS granted, attempt, fence, taken_over, doubt_since, version, NULL::smallint, NULL::text, NULL::"char",
          NULL::boolean, NULL::boolean, NULL::boolean, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL::bytea, {IsAsync}
        """;

    private const string OpenAndMine = "r.token = $3 AND r.fence = $4 AND r.state IN ('I', 'D')";

    /// <summary>Never null, and true for whatever this version would not have written: that is never the same as absent.</summary>
    private static string Damaged(string r) =>
        $"""
        ({r}.format <> {Format} OR CASE {r}.state
          WHEN 'I' THEN {r}.lease_until IS NULL OR {r}.expires_at IS NOT NULL
          WHEN 'D' THEN {r}.doubt_since IS NULL OR {r}.expires_at IS NOT NULL
          WHEN 'R' THEN {r}.expires_at IS NULL
          WHEN 'C' THEN {r}.expires_at IS NULL OR {r}.outcome IS NULL
          WHEN 'F' THEN {r}.expires_at IS NULL OR {r}.outcome IS NULL
          ELSE true END)
        """;

    /// <summary>Never null. What is in progress or in doubt does not expire, whatever else the row says.</summary>
    private static string Expired(string r) =>
        $"({r}.state IN ('C', 'F', 'R') AND {r}.expires_at IS NOT NULL AND {r}.expires_at <= clock_timestamp())";

    private static string After(string microseconds) => $"clock_timestamp() + {microseconds} * interval '1 microsecond'";

    private static string Ended(string token) =>
        $"CASE WHEN {token} = ANY(r.dead) THEN r.dead ELSE r.dead[greatest(1, cardinality(r.dead) - {MaxDead - 2}):] || {token} END";

    /// <summary>Every transaction that notifies takes one lock of the whole server, so only a row that is waited for does.</summary>
    private static string Notified(string channel, string condition) =>
        $"CASE WHEN {condition} THEN pg_notify('{channel}', encode($1, 'hex'))::text END";

    /// <summary>The row of a record, as many columns as a grant answers.</summary>
    private static string Told(string table) =>
        $"""
        SELECT NULL::"char", r.attempt, r.fence, r.taken_over, r.doubt_since, r.version, r.format, r.operation, r.state,
          r.token = $3, $3 = ANY(r.dead), r.fingerprint = $6, r.lease_until, r.expires_at, clock_timestamp(), r.outcome, NULL::boolean
        FROM {table} AS r WHERE r.key = $1
        """;

    private static string OwnerWrite(string table, string set, string notified, string repeated) =>
        $"""
        WITH changed AS (
          UPDATE {table} AS r SET {set}
          WHERE r.key = $1 AND r.format = {Format} AND r.operation = $2 AND {OpenAndMine}
          RETURNING waiters AS told
        )
        SELECT 'accepted', {notified} FROM changed
        UNION ALL
        SELECT CASE WHEN {OpenAndMine} THEN 'raced' WHEN {repeated} THEN 'accepted' ELSE 'fenced' END, NULL
        FROM {table} AS r
        WHERE r.key = $1 AND r.format = {Format} AND r.operation = $2 AND NOT {Expired("r")} AND NOT EXISTS (SELECT FROM changed)
        """;
}
