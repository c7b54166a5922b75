using System.Globalization;
using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <content>The steps of a call whose body works in the same transaction.</content>
internal sealed partial class PostgreSqlRecords
{
    /// <summary>How soon to ask again for a key that another transaction holds. It has no lease, and may end at any moment.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    /// <summary>How long a claim that waits for nobody may be held up by what the server does with the table.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Another transaction has the key. An uncommitted record shows nothing of itself.</summary>
    public static Claim.Busy Busy => new(Attempt: 0, s_soon, Version: 0);

    /// <summary>
    /// Claims inside a transaction that the caller has begun: waits for others who hold the key as long as it is told, and leaves the
    /// session's own limit as it was. One round trip for a key that has no record, and one more for one that has, or that others hold.
    /// </summary>
    /// <exception cref="PostgresException">55P03: the wait was over. The transaction is good for nothing then.</exception>
    public async Task<Claim> ClaimAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (await ClaimNewAsync(connection, transaction, key, request, wait, cancellationToken).ConfigureAwait(false) is { } answer)
        {
            return answer is Claim.Busy ? await EndAndRecallAsync(connection, transaction, key, request, answer, cancellationToken).ConfigureAwait(false) : answer;
        }

        // The first statement has set the limit of the waiting. What is committed while this one waits shows in the next.
        var claim = (await ClaimAsync(connection, transaction, key, request, mayBeLost: true, cancellationToken).ConfigureAwait(false)).Claim;
        if (claim is Claim.Acquired)
        {
            await ExecuteAsync(connection, $"SELECT {Sql.RestoreWaiting}", [], cancellationToken).ConfigureAwait(false);
        }

        return claim; // any other ends the transaction
    }

    /// <summary>
    /// Who holds the key may be another duplicate, for as long as it reads the outcome that there is. Looks for that after the transaction,
    /// which is of no use any more: a read in it would be one more reason for a serializable server to abort whoever runs.
    /// </summary>
    private async Task<Claim> EndAndRecallAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IdempotencyKey key, ClaimRequest request, Claim otherwise, CancellationToken cancellationToken)
    {
        await transaction.RollbackAsync(cancellationToken).ConfigureAwait(false);
        return await RecallAsync(connection, key, request, cancellationToken).ConfigureAwait(false) is { } outcome ? new Claim.Finished(outcome) : otherwise;
    }

    /// <summary>
    /// Takes the key's lock, which every transaction that wants the key holds to its end, and inserts its record. Only this lock
    /// tells who is busy with the key: the server makes statements wait for other reasons too, as when a table grows.
    /// </summary>
    /// <returns><see langword="null"/> when there is a record.</returns>
    private async Task<Claim?> ClaimNewAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(
            connection,
            transaction,
            sql.ClaimNew,
            [
                Parameters.Key(key), Parameters.Operation(key), Parameters.Token(request.Token), Parameters.Duration(request.Lease),
                Parameters.Bytes(request.Fingerprint), Parameters.Text(Milliseconds(wait > TimeSpan.Zero ? wait : s_patience)), Parameters.Lock(key),
                Parameters.Flag(wait > TimeSpan.Zero),
            ],
            cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return row switch
        {
            _ when !row.GetBoolean(0) => Busy,
            _ when row.IsDBNull(1) => null,
            _ => new Claim.Acquired(row.GetInt64(1), 1, TakenOver: false),
        };
    }

    /// <summary>Stores the outcome of what was claimed in this transaction, and commits. One round trip.</summary>
    /// <returns>Whether it still was the transaction that claimed.</returns>
    /// <exception cref="PostgresException">22012: the claim is not there any more. Nothing was committed.</exception>
    public async Task<bool> CommitAsync(
        NpgsqlConnection connection,
        IdempotencyKey key,
        Ownership owner,
        StoredOutcome outcome,
        TimeSpan retention,
        CancellationToken cancellationToken)
    {
        // Without the transaction, whose object refuses to be used when the body has ended it: the server says what became of the claim.
        var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        await using var _ = batch.ConfigureAwait(false);
        Add(batch, sql.CompleteOwn, [.. Mine(key, owner), Parameters.Duration(retention), Parameters.StateAfter(outcome), Parameters.Payload(outcome)]);
        Add(batch, "COMMIT");
        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var isOwn = reader.GetBoolean(1);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false); // throws what the commit was answered with
        return isOwn;
    }

    private static void Add(NpgsqlBatch batch, string text, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    /// <summary>At least one: to the server none is no limit.</summary>
    private static string Milliseconds(TimeSpan wait) =>
        ((long)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, int.MaxValue)).ToString(CultureInfo.InvariantCulture);

    private async Task PrepareAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        if (options.PrepareStatements)
        {
            await batch.PrepareAsync(cancellationToken).ConfigureAwait(false); // sent once for each connection
        }
    }
}
