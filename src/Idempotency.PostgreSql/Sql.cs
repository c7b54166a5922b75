namespace Idempotency.PostgreSql;

/// <summary>Every statement of the store, for one table. Values are parameters, always; only validated names are written into the text.</summary>
/// <remarks>
/// <para>
/// One statement is one atomic step, at READ COMMITTED and without a transaction around it. Moments are those of
/// <c>clock_timestamp()</c>: <c>now()</c> is the beginning of the transaction, and stale after waiting for a row's lock.
/// </para>
/// <para>
/// A statement sees the rows as they were when it began, but a row it writes it first locks and looks at again. Where both are in
/// one statement, the second look decides, and when it found nothing to write although the first one did, the row has changed in
/// between: the statement says so (<c>raced</c>), and is sent once more.
/// </para>
/// </remarks>
internal sealed partial record Sql
{
    /// <summary>The format of the records that are written.</summary>
    public const int Format = 1;

    /// <summary>
    /// Takes a key without a record; otherwise tells what the record is, and writes nothing: a duplicate costs one round trip and no
    /// wait for the disk. $1 key, $2 operation, $3 token, $4 lease in µs, $5 whether the claim may be lost in a crash, $6 fingerprint.
    /// </summary>
    public required string Claim { get; init; }

    /// <summary>
    /// $1 key, $2 operation, $3 token, $4 lease in µs, $5 fingerprint, $6 milliseconds, $7 lock, $8 whether to wait for it. Claims, inside a
    /// transaction, a key that has no record, for a fraction of what <see cref="Claim"/> costs. Tells whether it has the lock, which lasts as
    /// long as the transaction, and the fence, if the key had no record. Waits for locks no longer than it is told, and puts the session's
    /// own limit back when it has claimed.
    /// </summary>
    public required string ClaimNew { get; init; }

    /// <summary>The outcome that answers a claim, and nothing in any other case, or on a replica. $1 key, $2 operation, $3 token, $4 fingerprint.</summary>
    public required string Recall { get; init; }

    /// <summary>
    /// Takes a key whose record was seen to be free, over or the caller's own, if it still is; or finds it in doubt. As
    /// <see cref="Claim"/>, and $7 hold. The row is locked before anything of it is looked at.
    /// </summary>
    public required string Reclaim { get; init; }

    /// <summary>Whether a commit of this session is acknowledged before it is on the disk.</summary>
    public required string LosesCommits { get; init; }

    /// <summary>$1 key, $2 operation, $3 token, $4 fence, $5 lease in µs.</summary>
    public required string Renew { get; init; }

    /// <summary>$1 key, $2 operation, $3 token, $4 fence, $5 retention in µs, $6 state, $7 outcome.</summary>
    public required string Complete { get; init; }

    /// <summary>
    /// As <see cref="Complete"/>, in the transaction that claimed: fails when the claim is not there any more, so that what follows in
    /// its batch is not done, and says whether it still is that transaction. Nobody waits for a claim that nobody has seen.
    /// </summary>
    public required string CompleteOwn { get; init; }

    /// <summary>$1 key, $2 operation, $3 token, $4 fence, $5 retention of the tombstone in µs.</summary>
    public required string Release { get; init; }

    /// <summary>$1 key, $2 operation, $3 token, $4 retention of the tombstone in µs.</summary>
    public required string Abandon { get; init; }

    /// <summary>$1 key.</summary>
    public required string Get { get; init; }

    /// <summary>$1 key, $2 operation, $3 version, $4 retention in µs, $5 state, $6 outcome.</summary>
    public required string Resolve { get; init; }

    /// <summary>$1 how many at most.</summary>
    public required string Purge { get; init; }

    /// <summary>$1 key, $2 version, $3 whether the row is to be marked as waited for.</summary>
    public required string Watch { get; init; }

    /// <summary>$1 keys.</summary>
    public required string Look { get; init; }

    public static Sql For(TableName name)
    {
        var (table, next, channel) = (name.Table, $"nextval('{name.Sequence}')", name.Channel);
        return new Sql
        {
            Claim = $"""
                WITH granted AS (
                  INSERT INTO {table} AS r (key, format, operation, state, token, fence, version, attempt, taken_over, waiters, fingerprint, dead, started_at, lease_until)
                  SELECT $1, {Format}, $2, 'I', $3, {next}, {next}, 1, false, false, $6, '{EmptyArray}', clock_timestamp(), {After("$4")}
                  WHERE NOT EXISTS (SELECT FROM {table} WHERE key = $1) AND ($5 OR NOT {IsAsync})
                  ON CONFLICT (key) DO NOTHING
                  RETURNING {Granted}
                )
                SELECT * FROM granted
                UNION ALL
                {Told(table)}
                """,
            ClaimNew = $"""
                WITH alone AS (
                  SELECT CASE WHEN $8 THEN pg_advisory_xact_lock($7)::text = '' ELSE pg_try_advisory_xact_lock($7) END AS is_mine
                  WHERE set_config('lock_timeout', CASE WHEN {RememberWaiting} IS NOT NULL THEN $6 END, true) IS NOT NULL
                ), granted AS (
                  INSERT INTO {table} AS r (key, format, operation, state, token, fence, version, attempt, taken_over, waiters, fingerprint, dead, started_at, lease_until)
                  SELECT $1, {Format}, $2, 'I', $3, {next}, {next}, 1, false, false, $5, '{EmptyArray}', clock_timestamp(), {After("$4")}
                  FROM alone WHERE is_mine
                  ON CONFLICT (key) DO NOTHING
                  RETURNING r.fence, {RestoreWaiting}
                )
                SELECT is_mine, (SELECT fence FROM granted) FROM alone
                """,
            Recall = $"""
                SELECT r.state, r.outcome FROM {table} AS r
                WHERE r.key = $1 AND r.format = {Format} AND r.operation = $2 AND r.state IN ('C', 'F') AND r.expires_at > clock_timestamp()
                  AND r.outcome IS NOT NULL AND r.fingerprint = $4 AND NOT $3 = ANY(r.dead)
                  AND NOT pg_is_in_recovery()
                """,
            Reclaim = $"""
                INSERT INTO {table} AS r (key, format, operation, state, token, fence, version, attempt, taken_over, waiters, fingerprint, dead, started_at, lease_until)
                SELECT $1, {Format}, $2, 'I', $3, {next}, {next}, 1, false, false, $6, '{EmptyArray}', clock_timestamp(), {After("$4")}
                WHERE $5 OR NOT {IsAsync}
                ON CONFLICT (key) DO UPDATE SET
                  operation = $2,
                  state = CASE WHEN {Doubted} THEN 'D' ELSE 'I' END::"char",
                  token = CASE WHEN {Doubted} THEN r.token ELSE $3 END,
                  fence = CASE WHEN {Doubted} OR {Again} THEN r.fence ELSE {next} END,
                  version = {next},
                  attempt = CASE WHEN {Doubted} OR {Again} THEN r.attempt WHEN {Expired("r")} THEN 1 ELSE r.attempt + 1 END,
                  taken_over = r.state = 'I' AND NOT {Doubted} AND NOT {Again},
                  waiters = r.waiters AND ({Doubted} OR {Again}),
                  fingerprint = $6,
                  dead = CASE WHEN {Doubted} OR {Again} THEN r.dead WHEN {Expired("r")} THEN '{EmptyArray}' WHEN r.state = 'I' THEN {Ended("r.token")} ELSE r.dead END,
                  started_at = CASE WHEN {Doubted} OR {Again} THEN r.started_at ELSE clock_timestamp() END,
                  lease_until = CASE WHEN {Doubted} THEN r.lease_until ELSE {After("$4")} END,
                  doubt_since = CASE WHEN {Doubted} THEN clock_timestamp() END,
                  expires_at = NULL,
                  outcome = NULL
                WHERE NOT {Damaged("r")} AND ({Expired("r")} OR (r.operation = $2 AND NOT $3 = ANY(r.dead) AND (
                  r.state = 'R' OR (r.fingerprint = $6 AND ({Again} OR (r.state = 'I' AND r.lease_until <= clock_timestamp()))))))
                RETURNING {Granted}
                """,
            LosesCommits = $"SELECT {IsAsync}",
            Renew = OwnerWrite(
                table,
                $"state = 'I', lease_until = {After("$5")}, doubt_since = NULL, version = {next}",
                Notified(channel, "told AND $5 <= 0"),
                "false"),
            Complete = OwnerWrite(
                table,
                $"state = $6, outcome = $7, expires_at = {After("$5")}, version = {next}",
                Notified(channel, "told"),
                "r.token = $3 AND r.fence = $4 AND r.state = $6"),
            CompleteOwn = $"""
                WITH claimed AS (
                  SELECT r.xmin = pg_current_xact_id()::xid AS is_own FROM {table} AS r WHERE r.key = $1
                ), changed AS (
                  UPDATE {table} AS r SET state = $6, outcome = $7, expires_at = {After("$5")}, version = {next}
                  WHERE r.key = $1 AND r.format = {Format} AND r.operation = $2 AND {OpenAndMine}
                  RETURNING r.fence
                )
                SELECT 1 / count(*), (SELECT is_own FROM claimed) FROM changed
                """,
            Release = OwnerWrite(
                table,
                $"state = 'R', dead = {Ended("$3")}, expires_at = {After("$5")}, version = {next}",
                Notified(channel, "told"),
                "(r.token = $3 AND r.fence = $4 AND r.state = 'R') OR $3 = ANY(r.dead)"),
            Abandon = $"""
                WITH ended AS (
                  INSERT INTO {table} AS r (key, format, operation, state, token, fence, version, attempt, taken_over, waiters, fingerprint, dead, started_at, expires_at)
                  VALUES ($1, {Format}, $2, 'R', '{NoToken}', 0, {next}, 0, false, false, '', ARRAY[$3], clock_timestamp(), {After("$4")})
                  ON CONFLICT (key) DO UPDATE SET
                    operation = $2,
                    state = CASE WHEN {Expired("r")} OR {Again} THEN 'R' ELSE r.state END,
                    token = CASE WHEN {Expired("r")} THEN '{NoToken}' ELSE r.token END,
                    fence = CASE WHEN {Expired("r")} THEN 0 ELSE r.fence END,
                    attempt = CASE WHEN {Expired("r")} THEN 0 ELSE r.attempt END,
                    version = {next},
                    fingerprint = CASE WHEN {Expired("r")} THEN '' ELSE r.fingerprint END,
                    dead = CASE WHEN {Expired("r")} THEN ARRAY[$3] ELSE {Ended("$3")} END,
                    outcome = CASE WHEN {Expired("r")} THEN NULL ELSE r.outcome END,
                    expires_at = CASE WHEN {Expired("r")} OR {Again} OR r.state = 'R' THEN {After("$4")} ELSE r.expires_at END
                  WHERE r.format = {Format} AND ({Expired("r")} OR r.operation = $2)
                  RETURNING waiters AND state = 'R' AS told
                )
                SELECT {Notified(channel, "told")} FROM ended
                """,
            Get = $"""
                SELECT pg_is_in_recovery(), r.doubt_since, r.format, r.operation, r.state, r.version, r.fence, r.attempt, r.fingerprint, r.started_at, r.lease_until, r.expires_at, r.outcome
                FROM (SELECT) AS one LEFT JOIN {table} AS r ON r.key = $1 AND NOT ({Expired("r")})
                """,
            Resolve = $"""
                WITH changed AS (
                  UPDATE {table} AS r SET state = $5, outcome = $6, expires_at = {After("$4")}, version = {next}, dead = {Ended("r.token")},
                    token = CASE WHEN $5 = 'R' THEN r.token ELSE '{NoToken}' END
                  WHERE r.key = $1 AND r.format = {Format} AND r.operation = $2 AND r.version = $3
                    AND (r.state = 'D' OR (r.state = 'I' AND r.lease_until <= clock_timestamp()))
                  RETURNING waiters AS told
                )
                SELECT {Notified(channel, "told")} FROM changed
                """,
            Purge = $"""
                DELETE FROM {table} AS r
                WHERE r.ctid = ANY(ARRAY(
                  SELECT e.ctid FROM {table} AS e WHERE e.expires_at <= (SELECT clock_timestamp()) AND {Expired("e")}
                  ORDER BY e.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))
                  AND {Expired("r")}
                """,
            Watch = $"""
                WITH marked AS (
                  UPDATE {table} SET waiters = true WHERE $3 AND key = $1 AND version = $2 AND state = 'I' AND NOT waiters RETURNING key
                )
                SELECT r.fence, r.lease_until - clock_timestamp(), r.waiters OR EXISTS (SELECT FROM marked)
                FROM {table} AS r WHERE r.key = $1 AND r.version = $2 AND r.state = 'I' AND r.lease_until > clock_timestamp()
                """,
            Look = $"""
                SELECT r.key, r.fence, r.lease_until - clock_timestamp()
                FROM {table} AS r WHERE r.key = ANY($1) AND r.state = 'I' AND r.lease_until > clock_timestamp()
                """,
        };
    }
}
