using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>Restarts, losses and fail-overs: what survives, what is noticed, and what can only be asked of replicas.</summary>
public sealed class LostDataTests
{
    [Fact]
    public async Task A_restart_with_an_append_only_file_loses_nothing_and_scripts_are_sent_anew()
    {
        // Always: with the default, everysec, answers are sent up to two seconds before they are in the file while the disk is busy with the last sync.
        using var server = await RedisServer.StartAsync(options: ["--appendonly", "yes", "--appendfsync", "always"]);
        using var store = new RedisStore(server.Address);
        var running = Calls.NewKey();
        var owner = await store.AcquireAsync(running, OnCrash.Hold);
        var completed = new List<Keys.IdempotencyKey>();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 50; i++)
            {
                var key = Calls.NewKey();
                await store.CompleteAsync(key, await store.AcquireAsync(key));
                completed.Add(key);
            }

            await server.KillAsync();
            await server.StartAsync();
            Assert.IsType<Claim.Busy>(await store.ClaimUntilAnsweredAsync(running, OwnerToken.New(), OnCrash.Hold));
        }

        foreach (var key in completed)
        {
            Assert.IsType<Claim.Finished>(await store.ClaimAsync(key));
        }

        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(running, owner));
    }

    [Fact]
    public async Task Scripts_that_the_server_has_forgotten_are_sent_again()
    {
        using var server = await RedisServer.StartAsync();
        using var store = new RedisStore(server.Address);
        var key = Calls.NewKey();
        await server.SendAsync("SCRIPT FLUSH");
        var owner = await store.AcquireAsync(key);
        await server.SendAsync("SCRIPT FLUSH");
        Assert.Equal(OwnerAnswer.Accepted, await store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None));
        await server.SendAsync("SCRIPT FLUSH");
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, owner));
        await server.SendAsync("SCRIPT FLUSH");

        Assert.IsType<Claim.Finished>(await store.ClaimAsync(key));
    }

    [Theory]
    [InlineData("FLUSHALL")]
    [InlineData("restart")]
    public async Task A_server_that_lost_everything_is_noticed_under_Hold_until_somebody_has_accepted_it(string loss)
    {
        using var server = await RedisServer.StartAsync();
        var options = new RedisStoreOptions { DetectDataLoss = true };
        using var store = new RedisStore(server.Address, options);
        var isNew = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(Calls.NewKey(), onCrash: OnCrash.Hold).AsTask());
        Assert.Contains("A store that is new is told so with the same call.", isNew.Message, StringComparison.Ordinal);
        await store.AcceptDataAsync();
        var key = Calls.NewKey();
        await store.CompleteAsync(key, await store.AcquireAsync(key, OnCrash.Hold));

        if (loss == "restart")
        {
            await server.KillAsync();
            await server.StartAsync();
        }
        else
        {
            await server.SendAsync("FLUSHALL");
        }

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimUntilAnsweredAsync(key, OwnerToken.New(), OnCrash.Hold));
        Assert.Contains("Redis has lost data", refusal.Message, StringComparison.Ordinal);
        Assert.IsType<Claim.Acquired>(await store.ClaimAsync(key)); // Retry goes on: its body may run again after a crash anyway

        await store.AcceptDataAsync();
        await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(key, onCrash: OnCrash.Hold).AsTask()); // this process knows another life of it
        using var afterwards = new RedisStore(server.Address, options);
        Assert.IsType<Claim.Acquired>(await afterwards.ClaimAsync(Calls.NewKey(), onCrash: OnCrash.Hold));
    }

    [Fact]
    public async Task A_fail_over_to_a_replica_that_lags_loses_what_was_not_waited_for()
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await primary.StartReplicaAsync();
        using var store = new RedisStore(primary.Address);
        replica.Process.Stop();
        var keys = await CompleteSomeAsync(store, 20, size: 1 << 20); // more than waits for the replica in its socket

        await FailOverAsync(primary, replica);

        using var promoted = new RedisStore(replica.Address);
        var lost = 0;
        foreach (var key in keys)
        {
            lost += await promoted.ClaimAsync(key) is Claim.Acquired ? 1 : 0;
        }

        Assert.InRange(lost, 1, keys.Count); // or the next test proves nothing
    }

    [Fact]
    public async Task What_replicas_have_acknowledged_survives_a_fail_over()
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await primary.StartReplicaAsync();
        using var store = new RedisStore(primary.Address, new RedisStoreOptions { MinReplicas = 1, CommandTimeout = TimeSpan.FromSeconds(20) });
        using var impatient = new RedisStore(primary.Address, new RedisStoreOptions { MinReplicas = 1, CommandTimeout = TimeSpan.FromSeconds(5) });
        var keys = await CompleteSomeAsync(store, 20);
        await CompleteSomeAsync(impatient, 1); // connected, and its scripts known, before its patience is short
        var running = Calls.NewKey();
        await store.AcquireAsync(running);
        replica.Process.Stop();
        var unacknowledged = Calls.NewKey();

        var refusal = await Assert.ThrowsAsync<IOException>(() => impatient.ClaimAsync(unacknowledged).AsTask());
        Assert.Contains("0 of the 1 replicas that RedisStoreOptions.MinReplicas asks for have acknowledged a write", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(RecordState.Released, (await impatient.GetAsync(unacknowledged, CancellationToken.None))!.State); // nobody may run under it

        await FailOverAsync(primary, replica);

        using var promoted = new RedisStore(replica.Address);
        foreach (var key in keys)
        {
            Assert.IsType<Claim.Finished>(await promoted.ClaimAsync(key));
        }

        Assert.IsType<Claim.Busy>(await promoted.ClaimAsync(running));
    }

    [Fact]
    public async Task No_caller_is_told_an_outcome_that_replicas_have_not_acknowledged()
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await primary.StartReplicaAsync();
        using var store = new RedisStore(primary.Address, new RedisStoreOptions { MinReplicas = 1, CommandTimeout = TimeSpan.FromSeconds(4) });
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);
        var known = Assert.Single(await CompleteSomeAsync(store, 1));
        for (var duplicate = 0; duplicate < 10; duplicate++)
        {
            Assert.IsType<Claim.Finished>(await store.ClaimAsync(known)); // so that the store would rather read first
        }

        replica.Process.Stop();

        await Assert.ThrowsAsync<IOException>(() => store.CompleteAsync(key, owner).AsTask());
        await Assert.ThrowsAsync<IOException>(() => store.ClaimAsync(key).AsTask());

        replica.Process.Continue();
        Assert.IsType<Claim.Finished>(await store.ClaimUntilAnsweredAsync(key, OwnerToken.New()));
    }

    private static async Task<List<Keys.IdempotencyKey>> CompleteSomeAsync(RedisStore store, int count, int size = 100)
    {
        var keys = new List<Keys.IdempotencyKey>();
        for (var i = 0; i < count; i++)
        {
            var key = Calls.NewKey();
            var outcome = new StoredOutcome(isFailure: false, new byte[size]);
            Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, await store.AcquireAsync(key), outcome, TimeSpan.FromHours(1), CancellationToken.None));
            keys.Add(key);
        }

        return keys;
    }

    private static async Task FailOverAsync(RedisServer primary, RedisServer replica)
    {
        await primary.KillAsync();
        replica.Process.Continue();
        await replica.SendAsync("REPLICAOF NO ONE");
    }
}
