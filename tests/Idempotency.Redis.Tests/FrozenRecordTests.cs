using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Testing;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>What format 1 of Redis has stored, and what a later one stores.</summary>
public sealed class FrozenRecordTests : FrozenRecords, IAsyncLifetime
{
    /// <summary>
    /// Format, state, waited, attempt, fence, version, started, since, span, token, length of the fingerprint, how many ended tokens,
    /// fingerprint, ended tokens, outcome.
    /// </summary>
    private static readonly Dictionary<string, string> s_records = new()
    {
        ["completed"] = "01 43 00 00000002 0006474846204001 0006474846204002 0006474846204000 0006474846204005 00001cae8c13e000 0000000000000001 0000000000000001 0000 01 0000000000000002 0000000000000002 646f6e65",
        ["completed, with a fingerprint"] = "01 43 00 00000001 0006474846204001 0006474846204002 0006474846204000 0006474846204005 00001cae8c13e000 0000000000000001 0000000000000001 0003 00 F1F2F3 646f6e65",
        ["failed"] = "01 46 00 00000001 0006474846204001 0006474846204002 0006474846204000 0006474846204005 00001cae8c13e000 0000000000000001 0000000000000001 0000 00 6e6f",
        ["released"] = "01 52 00 00000001 0006474846204001 0006474846204002 0006474846204000 0006474846204005 00001cae8c13e000 0000000000000001 0000000000000001 0000 01 0000000000000001 0000000000000001",
        ["in progress"] = "01 49 00 00000003 0006474846204001 0006474846204002 0006474846204000 0006474846204000 007009d32da30000 0000000000000001 0000000000000001 0000 01 0000000000000002 0000000000000002",
        ["in doubt"] = "01 44 00 00000001 0006474846204001 0006474846204002 0006474846204000 0006474846204009 0000000000000000 0000000000000001 0000000000000001 0000 00",
    };

    private RedisServer _server = null!;
    private ConnectionMultiplexer _connection = null!;
    private RedisStore _store = null!;

    protected override IIdempotencyStore Store => _store;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_server.Address);
        _store = new RedisStore(_connection);
    }

    public Task DisposeAsync()
    {
        _store.Dispose();
        _connection.Dispose();
        _server.Dispose();
        return Task.CompletedTask;
    }

    protected override Task PutAsync(IdempotencyKey key, string record) =>
        _connection.GetDatabase().StringSetAsync(NameOf(key), Convert.FromHexString(s_records[record].Replace(" ", "", StringComparison.Ordinal)));

    protected override Task PutFormatAsync(IdempotencyKey key, int format) =>
        _connection.GetDatabase().StringSetRangeAsync(NameOf(key), 0, new[] { (byte)format });

    private static RedisKey NameOf(IdempotencyKey key) => $"idempotency:{{{key.Text[..2]}}}{key.Text[2..]}:{key.Operation}";
}
