using Idempotency.Storage;
using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>A server that is stopped keeps its connections open and takes new ones, and answers nothing.</summary>
public sealed class HungServerTests : IAsyncLifetime
{
    private PostgreSqlServer _server = null!;

    public async Task InitializeAsync() => _server = await PostgreSqlServer.StartAsync();

    public Task DisposeAsync()
    {
        _server.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_server_that_hangs_never_hangs_a_call()
    {
        await using var source = NpgsqlDataSource.Create(_server.ConnectionString);
        using var patient = new PostgreSqlStore(source);
        using var store = new PostgreSqlStore(source, new PostgreSqlStoreOptions { CommandTimeout = TimeSpan.FromMilliseconds(500) });
        await patient.EnsureCreatedAsync();
        var key = TestStore.NewKey();
        var owner = await patient.AcquireAsync(key, TimeSpan.MaxValue);
        var version = (await patient.GetAsync(key, CancellationToken.None))!.Version;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => patient.ClaimAsync(TestStore.NewKey()).AsTask())); // some connections are open

        _server.Stop();
        var outcome = new StoredOutcome(isFailure: false, new byte[1]);
        List<Func<Task>> calls =
        [
            () => store.ClaimAsync(TestStore.NewKey()).AsTask(),
            () => store.ClaimAsync(key).AsTask(),
            () => store.RenewAsync(key, owner, TestStore.Lease, CancellationToken.None).AsTask(),
            () => store.CompleteAsync(key, owner, outcome, TestStore.Retention, CancellationToken.None).AsTask(),
            () => store.ReleaseAsync(key, owner, CancellationToken.None).AsTask(),
            () => store.AbandonAsync(key, owner.Token, CancellationToken.None).AsTask(),
            () => store.GetAsync(key, CancellationToken.None).AsTask(),
            () => store.ResolveAsync(key, version, outcome, TestStore.Retention, CancellationToken.None).AsTask(),
            () => store.PurgeAsync(10, CancellationToken.None).AsTask(),
        ];
        var made = Enumerable.Range(0, 4).SelectMany(_ => calls).Select(static call => call()).ToList();
        using var cancellation = new CancellationTokenSource();
        var cancelled = store.GetAsync(key, cancellation.Token).AsTask();
        var waiting = store.WaitAsync(key, version, TestStore.Patience * 10, CancellationToken.None).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TestStore.Patience));
        foreach (var call in made)
        {
            var hung = await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(TestStore.Patience));
            Assert.Contains("gave no answer within 0.5 s", hung.Message, StringComparison.Ordinal);
        }

        await waiting.WaitAsync(TestStore.Patience); // and whoever waits learns that nobody knows
        _server.Continue();
        await UntilServedAsync(store);
    }

    private static async Task UntilServedAsync(PostgreSqlStore store)
    {
        while (true)
        {
            try
            {
                Assert.IsType<Claim.Acquired>(await store.ClaimAsync(TestStore.NewKey()));
                return;
            }
            catch (TimeoutException)
            {
                // Connections whose calls were let go are still being closed.
            }
        }
    }
}
