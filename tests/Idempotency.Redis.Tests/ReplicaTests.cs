using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>A replica that has not heard of the newest records must neither answer for the primary nor pass for one that has.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task An_owner_is_not_told_it_is_fenced_by_a_replica_that_does_not_know_its_claim()
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await primary.StartReplicaAsync();
        using var store = new RedisStore($"{primary.Address},{replica.Address},connectTimeout=500");
        await store.ClaimAsync(Calls.NewKey());
        await replica.SendAsync("REPLICAOF 127.0.0.1 1"); // stays a replica, and hears nothing more
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);

        await primary.KillAsync();

        // Nobody knows: neither that the record is its own, nor that it is another's.
        foreach (var call in new Func<Task>[]
        {
            () => store.CompleteAsync(key, owner).AsTask(),
            () => store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None).AsTask(),
            () => store.ReleaseAsync(key, owner, CancellationToken.None).AsTask(),
            () => store.GetAsync(key, CancellationToken.None).AsTask(),
        })
        {
            Assert.True(await Assert.ThrowsAnyAsync<Exception>(call) is IOException or TimeoutException);
        }
    }

    /// <summary>As when it was a primary when the client last looked.</summary>
    [Fact]
    public async Task A_replica_that_is_taken_for_a_primary_tells_nobody_that_it_is_fenced()
    {
        using var server = await RedisServer.StartAsync();
        using var store = new RedisStore(server.Address);
        var owner = new Ownership(OwnerToken.New(), 1);
        var (absent, others) = (Calls.NewKey(), Calls.NewKey());
        Assert.Equal(OwnerAnswer.Fenced, await store.CompleteAsync(absent, owner));
        Assert.Null(await store.GetAsync(absent, CancellationToken.None)); // and to say so wrote nothing
        await store.AcquireAsync(others);
        Assert.Equal(OwnerAnswer.Fenced, await store.RenewAsync(others, owner, TimeSpan.FromSeconds(30), CancellationToken.None));
        Assert.Equal(OwnerAnswer.Fenced, await store.ReleaseAsync(others, owner, CancellationToken.None));

        await server.SendAsync("REPLICAOF 127.0.0.1 1");

        foreach (var key in new[] { absent, others })
        {
            await Assert.ThrowsAsync<IOException>(() => store.CompleteAsync(key, owner).AsTask());
            await Assert.ThrowsAsync<IOException>(() => store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None).AsTask());
            await Assert.ThrowsAsync<IOException>(() => store.ReleaseAsync(key, owner, CancellationToken.None).AsTask());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_sees_a_script_for_the_first_time_waits_for_replicas_too(bool isOutcome)
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await primary.StartReplicaAsync();
        using var store = new RedisStore(primary.Address, new RedisStoreOptions { MinReplicas = 1 });
        var key = Calls.NewKey();
        var owner = isOutcome ? await store.AcquireAsync(key) : default;
        await primary.SendAsync("SCRIPT FLUSH");
        replica.Process.Stop();

        var refusal = await Assert.ThrowsAsync<IOException>(() => isOutcome ? store.CompleteAsync(key, owner).AsTask() : store.ClaimAsync(key).AsTask());

        Assert.Contains("0 of the 1 replicas", refusal.Message, StringComparison.Ordinal);
    }
}
