using System.Data;
using System.Globalization;
using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Idempotency.PostgreSql;

/// <summary>
/// The steps of the store, each one statement on a connection that is given, in a transaction when one is. What is thrown is what the
/// server said.
/// </summary>
internal sealed class PostgreSqlRecords(Sql sql, PostgreSqlStoreOptions options)
{
    /// <summary>How often a step is sent that met a row in the middle of changes.</summary>
    private const int MaxTries = 5;

    public Sql Sql => sql;

    public Task<ClaimAnswer> ClaimAsync(NpgsqlConnection connection, IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        ClaimAsync(connection, null, key, request, request.OnCrash != OnCrash.Hold || options.AcceptAsynchronousCommit, cancellationToken);

    private async Task<ClaimAnswer> ClaimAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        IdempotencyKey key,
        ClaimRequest request,
        bool mayBeLost,
        CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var command = await CommandAsync(
                connection,
                transaction,
                sql.Claim,
                [
                    Parameters.Key(key), Parameters.Operation(key), Parameters.Token(request.Token), Parameters.Duration(request.Lease),
                    Parameters.Flag(request.OnCrash == OnCrash.Hold), Parameters.Bytes(request.Fingerprint), Parameters.Flag(mayBeLost),
                ],
                cancellationToken).ConfigureAwait(false);
            await using var _ = command.ConfigureAwait(false);
            var reader = await command.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (ClaimAnswer.Read(reader) is { } answer)
            {
                return answer;
            }

            if (reader.GetBoolean(ClaimAnswer.IsAsyncColumn) && !mayBeLost)
            {
                throw Faults.AsynchronousCommit();
            }
        }

        throw Raced(key);
    }

    public Task<OwnerAnswer> RenewAsync(
        NpgsqlConnection connection, IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        WriteAsync(connection, null, sql.Renew, key, () => [.. Mine(key, owner), Parameters.Duration(lease)], cancellationToken);

    public Task<OwnerAnswer> CompleteAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        IdempotencyKey key,
        Ownership owner,
        StoredOutcome outcome,
        TimeSpan retention,
        CancellationToken cancellationToken) =>
        WriteAsync(
            connection,
            transaction,
            sql.Complete,
            key,
            () => [.. Mine(key, owner), Parameters.Duration(retention), Parameters.StateAfter(outcome), Parameters.Payload(outcome)],
            cancellationToken);

    public Task<OwnerAnswer> ReleaseAsync(NpgsqlConnection connection, IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        WriteAsync(connection, null, sql.Release, key, () => [.. Mine(key, owner), Parameters.Duration(options.TombstoneRetention)], cancellationToken);

    public async Task<bool> AbandonAsync(NpgsqlConnection connection, IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            sql.Abandon,
            [Parameters.Key(key), Parameters.Operation(key), Parameters.Token(token), Parameters.Duration(options.TombstoneRetention)],
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async Task<OperationRecord?> GetAsync(NpgsqlConnection connection, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(connection, null, sql.Get, [Parameters.Key(key)], cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return StoredRecord.Read(reader, key);
    }

    public async Task<bool> ResolveAsync(
        NpgsqlConnection connection, IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            connection,
            sql.Resolve,
            [
                Parameters.Key(key), Parameters.Operation(key), Parameters.Number(version),
                Parameters.Duration(outcome is null ? options.TombstoneRetention : retention), Parameters.StateAfter(outcome), Parameters.Payload(outcome),
            ],
            cancellationToken).ConfigureAwait(false) == 1;

    public async Task<int> PurgeAsync(NpgsqlConnection connection, int max, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(connection, null, sql.Purge, [Parameters.Number(max)], cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What there is to wait for, marked so that its end is told when the caller listens; <see langword="null"/> when there is nothing.</summary>
    public async Task<Watched?> WatchAsync(NpgsqlConnection connection, IdempotencyKey key, long version, bool mark, CancellationToken cancellationToken)
    {
        Watched? watched = null;
        var isMarked = false;
        for (var tries = 0; tries < MaxTries && !isMarked; tries++)
        {
            var command = await CommandAsync(
                connection, null, sql.Watch, [Parameters.Key(key), Parameters.Number(version), Parameters.Flag(mark)], cancellationToken).ConfigureAwait(false);
            await using var _ = command.ConfigureAwait(false);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            watched = new Watched(key.Text, reader.GetInt64(0), reader.GetTimeSpan(1));
            isMarked = !mark || reader.GetBoolean(2); // unmarked: somebody else has just marked or changed it
        }

        return watched;
    }

    /// <summary>Those of the keys whose owners run.</summary>
    public async Task<IReadOnlyList<Watched>> LookAsync(NpgsqlConnection connection, IReadOnlyCollection<IdempotencyKey> keys, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(connection, null, sql.Look, [Parameters.Keys(keys)], cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var running = new List<Watched>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            running.Add(new Watched(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)), reader.GetInt64(1), reader.GetTimeSpan(2)));
        }

        return running;
    }

    /// <summary>
    /// Claims inside a transaction that the caller has begun: waits for others who hold the key as long as it is told, and leaves the
    /// session's own limit as it was. One round trip for a key that has no record, and one more for one that has.
    /// </summary>
    /// <exception cref="PostgresException">55P03: the wait was over. The transaction is good for nothing then.</exception>
    public async Task<Claim> ClaimAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (await ClaimNewAsync(connection, transaction, key, request, wait, cancellationToken).ConfigureAwait(false) is { } granted)
        {
            return granted;
        }

        // The first statement has set the limit of the waiting. What is committed while this one waits shows in the next.
        var claim = (await ClaimAsync(connection, transaction, key, request, mayBeLost: true, cancellationToken).ConfigureAwait(false)).Claim;
        if (claim is Claim.Acquired)
        {
            await ExecuteAsync(connection, $"SELECT {Sql.RestoreWaiting}", [], cancellationToken).ConfigureAwait(false);
        }

        return claim; // any other ends the transaction
    }

    private async Task<Claim.Acquired?> ClaimNewAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(
            connection,
            transaction,
            sql.ClaimNew,
            [
                Parameters.Key(key), Parameters.Operation(key), Parameters.Token(request.Token), Parameters.Duration(request.Lease),
                Parameters.Bytes(request.Fingerprint), Parameters.Text(Milliseconds(wait)),
            ],
            cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long fence ? new Claim.Acquired(fence, 1, TakenOver: false) : null;
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

    private static NpgsqlParameter[] Mine(IdempotencyKey key, Ownership owner) =>
        [Parameters.Key(key), Parameters.Operation(key), Parameters.Token(owner.Token), Parameters.Number(owner.Fence)];

    private static InvalidOperationException Raced(IdempotencyKey key) =>
        new($"The record of {key} changed {MaxTries} times while it was looked at. Send the call again.");

    private async Task<OwnerAnswer> WriteAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        string text,
        IdempotencyKey key,
        Func<NpgsqlParameter[]> parameters,
        CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var command = await CommandAsync(connection, transaction, text, parameters(), cancellationToken).ConfigureAwait(false);
            await using var _ = command.ConfigureAwait(false);
            switch (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string)
            {
                case "accepted":
                    return OwnerAnswer.Accepted;
                case "raced":
                    continue;
                default:
                    return OwnerAnswer.Fenced; // another's, or none at all
            }
        }

        throw Raced(key);
    }

    /// <summary>How many rows the statement returned.</summary>
    private async Task<int> ExecuteAsync(NpgsqlConnection connection, string text, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(connection, null, text, parameters, cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var rows = 0;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows++;
        }

        return rows;
    }

    private async Task<NpgsqlCommand> CommandAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, string text, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        // No time-out of the client's own: see Patience.
        var command = new NpgsqlCommand(text, connection, transaction) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        if (options.PrepareStatements)
        {
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false); // sent once for each connection
        }

        return command;
    }
}
