using System.Data;
using Idempotency.Keys;
using Idempotency.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Idempotency.PostgreSql;

/// <summary>
/// The steps of the store, each one statement on a connection that is given, in a transaction when one is. What is thrown is what the
/// server said.
/// </summary>
internal sealed partial class PostgreSqlRecords(Sql sql, PostgreSqlStoreOptions options)
{
    /// <summary>
    /// How often a step is sent that met a row in the middle of changes. Each time somebody else has got on, and eight callers that
    /// claim and release one key as fast as they can do outrun one of them five times.
    /// </summary>
    private const int MaxTries = 100;

    private readonly ReadOrder _order = new();

    public Sql Sql => sql;

    /// <summary>
    /// One round trip, unless there is a record that is free, over or the caller's own: then two. One more where an outcome was looked
    /// for first and there is none.
    /// </summary>
    /// <remarks>
    /// Taking a key and telling what else there is, in one statement, costs the server more than twice as much as only reading an
    /// outcome, and saves a new call a round trip. To take first and ask when that fails is no choice: a claim that fails has locked the
    /// row, and waits for the disk.
    /// </remarks>
    public async Task<ClaimAnswer> ClaimAsync(NpgsqlConnection connection, IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        if (_order.ReadsFirst && await RecallAsync(connection, key, request, cancellationToken).ConfigureAwait(false) is { } outcome)
        {
            return new ClaimAnswer(_order.Learn(new Claim.Finished(outcome)), IsAsync: false);
        }

        var mayBeLost = request.OnCrash != OnCrash.Hold || options.AcceptAsynchronousCommit;
        var answer = await ClaimAsync(connection, null, key, request, mayBeLost, cancellationToken).ConfigureAwait(false);
        _order.Learn(answer.Claim);
        return answer;
    }

    /// <summary>The outcome that answers the claim; <see langword="null"/> when it takes a closer look.</summary>
    private async Task<StoredOutcome?> RecallAsync(NpgsqlConnection connection, IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(
            connection,
            null,
            sql.Recall,
            [Parameters.Key(key), Parameters.Operation(key), Parameters.Token(request.Token), Parameters.Bytes(request.Fingerprint)],
            cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? StoredRecord.Outcome(row, States.Of(row.GetChar(0)), 1) : null;
    }

    private async Task<ClaimAnswer> ClaimAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        IdempotencyKey key,
        ClaimRequest request,
        bool mayBeLost,
        CancellationToken cancellationToken)
    {
        var isHeld = request.OnCrash == OnCrash.Hold;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await AskAsync(sql.Claim, Asked()).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }

            if (await AskAsync(sql.Reclaim, [.. Asked(), Parameters.Flag(isHeld)]).ConfigureAwait(false) is { } reclaimed)
            {
                return reclaimed;
            }

            if (!mayBeLost && await LosesCommitsAsync(connection, transaction, cancellationToken).ConfigureAwait(false))
            {
                throw Faults.AsynchronousCommit();
            }
        }

        throw Raced(key);

        NpgsqlParameter[] Asked() =>
        [
            Parameters.Key(key), Parameters.Operation(key), Parameters.Token(request.Token), Parameters.Duration(request.Lease),
            Parameters.Flag(mayBeLost), Parameters.Bytes(request.Fingerprint),
        ];

        async Task<ClaimAnswer?> AskAsync(string text, NpgsqlParameter[] parameters)
        {
            var command = await CommandAsync(connection, transaction, text, parameters, cancellationToken).ConfigureAwait(false);
            await using var _ = command.ConfigureAwait(false);
            var reader = await command.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? ClaimAnswer.Read(reader, key) : null;
        }
    }

    public Task<OwnerAnswer> RenewAsync(
        NpgsqlConnection connection, IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        WriteAsync(connection, sql.Renew, key, () => [.. Mine(key, owner), Parameters.Duration(lease)], cancellationToken);

    public Task<OwnerAnswer> CompleteAsync(
        NpgsqlConnection connection, IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        WriteAsync(
            connection,
            sql.Complete,
            key,
            () => [.. Mine(key, owner), Parameters.Duration(retention), Parameters.StateAfter(outcome), Parameters.Payload(outcome)],
            cancellationToken);

    public Task<OwnerAnswer> ReleaseAsync(NpgsqlConnection connection, IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        WriteAsync(connection, sql.Release, key, () => [.. Mine(key, owner), Parameters.Duration(options.TombstoneRetention)], cancellationToken);

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

    private static NpgsqlParameter[] Mine(IdempotencyKey key, Ownership owner) =>
        [Parameters.Key(key), Parameters.Operation(key), Parameters.Token(owner.Token), Parameters.Number(owner.Fence)];

    private static InvalidOperationException Raced(IdempotencyKey key) =>
        new($"The record of {key} changed {MaxTries} times while it was looked at. Send the call again.");

    private async Task<OwnerAnswer> WriteAsync(
        NpgsqlConnection connection, string text, IdempotencyKey key, Func<NpgsqlParameter[]> parameters, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var command = await CommandAsync(connection, null, text, parameters(), cancellationToken).ConfigureAwait(false);
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

    private async Task<bool> LosesCommitsAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(connection, transaction, sql.LosesCommits, [], cancellationToken).ConfigureAwait(false);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
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
