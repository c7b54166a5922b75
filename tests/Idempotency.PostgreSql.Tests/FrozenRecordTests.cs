using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.PostgreSql.Tests;

/// <summary>What format 1 of PostgreSQL has stored, in the table of schema 1, and what a later one stores.</summary>
[Collection(nameof(SharedServer))]
public sealed class FrozenRecordTests : FrozenRecords, IAsyncLifetime, IDisposable
{
    private const string Owner = "00000000-0000-0001-0000-000000000001", Former = "00000000-0000-0002-0000-000000000002";

    /// <summary>Attempt, state, lease, doubt, end, fingerprint, ended tokens, outcome.</summary>
    private static readonly Dictionary<string, string> s_records = new()
    {
        ["completed"] = $@"2, 'C', '2026-01-01', NULL, '2200-01-01', '', '{{{Former}}}', 'done'",
        ["completed, with a fingerprint"] = @"1, 'C', '2026-01-01', NULL, '2200-01-01', '\xF1F2F3', '{}', 'done'",
        ["failed"] = @"1, 'F', '2026-01-01', NULL, '2200-01-01', '', '{}', 'no'",
        ["released"] = $@"1, 'R', '2026-01-01', NULL, '2200-01-01', '', '{{{Owner}}}', NULL",
        ["in progress"] = $@"3, 'I', '2200-01-01', NULL, NULL, '', '{{{Former}}}', NULL",
        ["in doubt"] = @"1, 'D', '2026-01-01', '2026-01-02', NULL, '', '{}', NULL",
    };

    private readonly SharedServer _server;
    private readonly PostgreSqlStoreOptions _options;
    private readonly PostgreSqlStore _store;

    public FrozenRecordTests(SharedServer server)
    {
        _server = server;
        _options = server.NewTable();
        _store = new PostgreSqlStore(server.Source, _options);
    }

    protected override IIdempotencyStore Store => _store;

    private string Table => $"idempotency.{_options.Table}";

    public async Task InitializeAsync()
    {
        await _server.AskAsync($"""
            CREATE SCHEMA IF NOT EXISTS idempotency;
            CREATE SEQUENCE {Table}_seq;
            CREATE TABLE {Table} (
              fence bigint NOT NULL, version bigint NOT NULL, started_at timestamptz NOT NULL, lease_until timestamptz, doubt_since timestamptz,
              expires_at timestamptz, attempt integer NOT NULL, format smallint NOT NULL, state "char" NOT NULL, waiters boolean NOT NULL,
              taken_over boolean NOT NULL, token uuid NOT NULL, key bytea NOT NULL PRIMARY KEY, operation text NOT NULL, fingerprint bytea NOT NULL,
              dead uuid[] NOT NULL, outcome bytea);
            COMMENT ON TABLE {Table} IS 'Idempotency store, schema 1';
            """);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _store.Dispose();

    protected override Task PutAsync(IdempotencyKey key, string record) => _server.AskAsync($"""
        INSERT INTO {Table} (key, attempt, state, lease_until, doubt_since, expires_at, fingerprint, dead, outcome,
          fence, version, started_at, format, waiters, taken_over, token, operation)
        VALUES ('\x{key.Text}', {s_records[record]}, 1, 2, '2026-01-01', 1, false, false, '{Owner}', '{Operation}')
        """);

    protected override Task PutFormatAsync(IdempotencyKey key, int format) =>
        _server.AskAsync($"UPDATE {Table} SET format = {format} WHERE key = '\\x{key.Text}'");
}
