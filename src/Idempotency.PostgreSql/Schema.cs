using System.Globalization;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>The table: how it is made, by which version, and whether it is there.</summary>
internal sealed class Schema(TableName name, Faults faults)
{
    /// <summary>What this version needs. Grows when the table changes; upgrades are run in order.</summary>
    public const int Version = 1;

    private const string Comment = "Idempotency store, schema ";

    private volatile bool _isChecked;

    /// <summary>What makes the table where there is none.</summary>
    public string Script => $"CREATE SCHEMA IF NOT EXISTS {name.Schema};\n\n{Upgrade(0)}";

    /// <summary>Looks, before the store is first used, whether the table is one that it can use.</summary>
    public async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_isChecked)
        {
            return;
        }

        switch (await FindAsync(connection, null, cancellationToken).ConfigureAwait(false))
        {
            case null:
                throw faults.NoTable();
            case > Version and var newer:
                throw faults.Newer(newer, Version);
            case < Version and var older:
                throw faults.Older(older, Version);
        }

        _isChecked = true;
    }

    /// <summary>Makes the table, or what it lacks. Whoever comes at the same time waits, and finds it made.</summary>
    public async Task<bool> EnsureCreatedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Who may only use the table can call this too, when there is nothing to be made.
        if (await FindAsync(connection, null, cancellationToken).ConfigureAwait(false) is { } found && Needs(found) == 0)
        {
            return false;
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        await ExecuteAsync("SELECT pg_advisory_xact_lock($1)", Parameters.Number(name.Lock)).ConfigureAwait(false);
        var version = await FindAsync(connection, transaction, cancellationToken).ConfigureAwait(false) ?? 0;
        if (Needs(version) > 0)
        {
            // Asked for first, because CREATE SCHEMA needs the right to, whether or not there is something to create.
            if (await ExecuteAsync("SELECT 1 FROM pg_namespace WHERE nspname = $1", Parameters.Text(name.PlainSchema)).ConfigureAwait(false) is null)
            {
                await ExecuteAsync($"CREATE SCHEMA {name.Schema}").ConfigureAwait(false);
            }

            for (; version < Version; version++)
            {
                await ExecuteAsync(Upgrade(version)).ConfigureAwait(false);
            }
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;

        async Task<object?> ExecuteAsync(string text, params NpgsqlParameter[] parameters)
        {
            var command = new NpgsqlCommand(text, connection, transaction) { CommandTimeout = 0 };
            await using var _ = command.ConfigureAwait(false);
            command.Parameters.AddRange(parameters);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private int Needs(int found) => found > Version ? throw faults.Newer(found, Version) : Version - found;

    /// <summary>The version of the table; <see langword="null"/> when there is none.</summary>
    private async Task<int?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT t, obj_description(t, 'pg_class') FROM to_regclass($1) AS t WHERE t IS NOT NULL", connection, transaction)
        {
            CommandTimeout = 0,
        };
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(Parameters.Text(name.Table));
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var comment = reader.IsDBNull(1) ? "" : reader.GetString(1);
        return comment.StartsWith(Comment, StringComparison.Ordinal) && int.TryParse(comment.AsSpan(Comment.Length), CultureInfo.InvariantCulture, out var version)
            ? version
            : throw faults.Foreign();
    }

    private string Upgrade(int from) => from switch
    {
        // The widest columns first, so that no space is lost between them.
        0 => $"""
            CREATE SEQUENCE IF NOT EXISTS {name.Sequence};

            CREATE TABLE IF NOT EXISTS {name.Table} (
              fence bigint NOT NULL,
              version bigint NOT NULL,
              started_at timestamptz NOT NULL,
              lease_until timestamptz,
              doubt_since timestamptz,
              expires_at timestamptz,
              attempt integer NOT NULL,
              format smallint NOT NULL,
              state "char" NOT NULL,
              waiters boolean NOT NULL,
              taken_over boolean NOT NULL,
              token uuid NOT NULL,
              key bytea NOT NULL PRIMARY KEY,
              operation text NOT NULL,
              fingerprint bytea NOT NULL,
              dead uuid[] NOT NULL,
              outcome bytea
            );

            CREATE INDEX IF NOT EXISTS {name.Index} ON {name.Table} (expires_at) WHERE expires_at IS NOT NULL;

            COMMENT ON COLUMN {name.Table}.state IS 'I in progress, C completed, F failed, D in doubt, R released';
            COMMENT ON TABLE {name.Table} IS '{Comment}1';
            """,
        _ => throw new ArgumentOutOfRangeException(nameof(from)),
    };
}
