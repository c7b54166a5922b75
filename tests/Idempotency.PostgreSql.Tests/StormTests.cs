using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>Connections that are cut and a server that dies, under many callers at once: what they were answered is still one history.</summary>
public sealed class StormTests : IAsyncLifetime
{
    private PostgreSqlServer _server = null!;

    public async Task InitializeAsync() => _server = await PostgreSqlServer.StartAsync();

    public Task DisposeAsync()
    {
        _server.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task Answers_are_one_history_although_connections_are_cut(OnCrash onCrash)
    {
        const int Cuts = 60;
        await using var source = NpgsqlDataSource.Create(_server.ConnectionString + ";Pooling=false");
        await HammerAsync(onCrash, static () => { }, async () =>
        {
            for (var cut = 0; cut < Cuts; cut++)
            {
                await using var command = source.CreateCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
                await command.ExecuteScalarAsync();
            }
        });
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task Answers_are_one_history_although_the_server_dies(OnCrash onCrash)
    {
        const int Deaths = 3;
        using var isUp = new ManualResetEventSlim(initialState: true);
        var calls = 0;
        await HammerAsync(
            onCrash,
            () =>
            {
                isUp.Wait();
                Interlocked.Increment(ref calls);
            },
            async () =>
            {
                for (var death = 0; death < Deaths; death++)
                {
                    var before = Volatile.Read(ref calls);
                    while (Volatile.Read(ref calls) < before + 200)
                    {
                        await Task.Yield();
                    }

                    if (death == 1)
                    {
                        await _server.KillAsync();
                        isUp.Reset();
                        await _server.StartAsync();
                    }
                    else
                    {
                        var restarting = _server.RestartAsync();
                        isUp.Reset();
                        await restarting;
                    }

                    isUp.Set();
                }
            });
    }

    /// <summary>Hammers, round after round, until the storm is over; each round is judged.</summary>
    private async Task HammerAsync(OnCrash onCrash, Action between, Func<Task> storm)
    {
        using var one = new PostgreSqlStore(_server.ConnectionString);
        using var two = new PostgreSqlStore(_server.ConnectionString + ";Application Name=two");
        await one.EnsureCreatedAsync();
        var over = Task.Run(storm);
        var (rounds, unknown) = (0, 0);
        while (!over.IsCompleted)
        {
            var history = new StoreHistory();
            await new StoreHammer { Seed = ++rounds, OnCrash = onCrash, Calls = 60, Between = _ => between() }.RunAsync(history, one, two);
            unknown += history.Entries.Count(static entry => entry.ReturnedAt is null);
            var result = new LinearizabilityChecker { Tolerance = TimeSpan.FromMilliseconds(250) }.Check(history);
            Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Round {rounds}: {result}");
        }

        await over;
        Assert.True(unknown > 0, "No call was hit.");
    }
}
