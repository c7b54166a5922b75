using System.Collections.Concurrent;
using System.Data;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Xunit.Abstractions;

namespace Idempotency.Transactions.Tests;

/// <summary>Many callers of the same keys, while bodies fail and deadlock, backends are terminated and the server is restarted.</summary>
public sealed class HammerTests(ITestOutputHelper output)
{
    private const int Workers = 8;

    /// <summary>More of them for a soak.</summary>
    private static readonly int s_keys = int.Parse(Environment.GetEnvironmentVariable("IDEMPOTENCY_TRANSACTION_KEYS") ?? "40", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, int> _failures = [];

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task Every_key_has_one_effect_and_all_its_callers_the_same_result(IsolationLevel level)
    {
        var database = new DatabaseServer();
        await database.InitializeAsync();
        await database.ExecuteAsync($"INSERT INTO counters SELECT id, 0 FROM generate_series(0, {Transfers.Counters - 1}) AS id");
        var transfers = new List<Transfers>();
        var disposables = new List<IDisposable>();
        for (var process = 0; process < 2; process++)
        {
            var store = new PostgreSqlStore(
                database.Server.ConnectionString + ";Maximum Pool Size=20;Timeout=2",
                new PostgreSqlStoreOptions { IsolationLevel = level, CommandTimeout = TimeSpan.FromSeconds(2) });
            var guard = IdempotencyGuard.Create(store, loggerFactory: new EventCounter(_failures));
            transfers.Add(new Transfers(guard));
            disposables.AddRange([guard, store]);
        }

        using var calm = new CancellationTokenSource();
        var trouble = MakeTroubleAsync(database, calm.Token);
        var results = await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(transfers[worker % 2]))));
        await calm.CancelAsync();
        await trouble;

        var effects = (await database.AskAsync("SELECT key || ' ' || id FROM effects")).ToLookup(static row => row.Split(' ')[0], static row => row.Split(' ')[1]);
        for (var key = 0; key < s_keys; key++)
        {
            var effect = Assert.Single(effects[$"{key}"]);
            Assert.All(results, result => Assert.Equal(effect, $"{result[key]}"));
        }

        Assert.Equal([$"{s_keys * 2}"], await database.AskAsync("SELECT sum(n) FROM counters"));
        Assert.Equal([$"{s_keys}"], await database.AskAsync("SELECT count(*) FROM idempotency.records WHERE state = 'C'"));
        Assert.True(level == IsolationLevel.ReadCommitted || _failures.GetValueOrDefault("TransactionRepeated") > 0, "Nothing ever conflicted.");
        output.WriteLine($"{transfers.Sum(static t => t.Runs)} bodies; {string.Join(", ", _failures.OrderBy(static f => f.Key).Select(static f => $"{f.Value} {f.Key}"))}");
        disposables.ForEach(static one => one.Dispose());
        await database.DisposeAsync();
    }

    /// <summary>Calls every key until there is a result, in an order of its own.</summary>
    private async Task<Dictionary<int, Guid>> WorkAsync(Transfers transfers)
    {
        var results = new Dictionary<int, Guid>();
        var keys = Enumerable.Range(0, s_keys).ToArray();
        Random.Shared.Shuffle(keys);
        foreach (var key in keys)
        {
            while (!results.ContainsKey(key))
            {
                try
                {
                    results.Add(key, await transfers.MoveAsync(key));
                }
                catch (Exception failure) when (failure is Transfers.RolledBackOnPurposeException or OperationInProgressException
                    or StoreUnavailableException or CommitUnknownException or NpgsqlException or IOException or SocketException)
                {
                    // What a caller has to expect, and what it does then: it sends the call again.
                    _failures.AddOrUpdate(failure is PostgresException said ? said.SqlState : failure.GetType().Name, 1, static (_, n) => n + 1);
                }
            }
        }

        return results;
    }

    /// <summary>Terminates backends all the time, and restarts the server after a while.</summary>
    private async Task MakeTroubleAsync(DatabaseServer database, CancellationToken calm)
    {
        for (var round = 0; !calm.IsCancellationRequested; round++)
        {
            if (round % 500 == 3)
            {
                await database.Server.RestartAsync();
                NpgsqlConnection.ClearAllPools();
            }

            try
            {
                var terminated = await database.AskAsync(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 3");
                _failures.AddOrUpdate("terminated", terminated.Count, (_, n) => n + terminated.Count);
            }
            catch (NpgsqlException)
            {
                // Its own connection can be one that the restart has cut.
            }

            await Task.Delay(20 + round, CancellationToken.None); // less and less, so that everybody gets through
        }
    }
}
