using System.Collections.Concurrent;
using System.Globalization;
using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>A primary dies in the midst of calls while its replica lags, and a sentinel promotes the replica.</summary>
public sealed class SentinelTests
{
    private const int Callers = 6;

    /// <summary>The client looks only once a minute otherwise whether a server has become the primary.</summary>
    private const string LooksEverySecond = "configCheckSeconds=1";

    private static readonly IdempotentOperation<int> s_charge = new("test.charge") { Lease = TimeSpan.FromMinutes(2) };

    private readonly ConcurrentDictionary<string, int> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IdempotencyException> _lost = new(StringComparer.Ordinal);
    private bool _isOver;

    [Fact]
    public async Task Calls_that_replicas_were_waited_for_survive_what_a_sentinel_does_and_run_their_bodies_once()
    {
        var across = await FailOverAsync(minReplicas: 1, writesMeanwhile: 200);

        Assert.Equal(OwnerAnswer.Accepted, across);
        Assert.Empty(_lost);
        Assert.All(_runs, static run => Assert.True(run.Value == 1, $"The body of {run.Key} ran {run.Value} times."));
    }

    /// <summary>Or the test above proves nothing.</summary>
    [Fact]
    public async Task Calls_that_no_replica_was_waited_for_run_their_bodies_again()
    {
        await FailOverAsync(minReplicas: 0, writesMeanwhile: 100_000);

        Assert.InRange(_runs.Count(static run => run.Value > 1), 1, int.MaxValue);
    }

    /// <param name="minReplicas">The option.</param>
    /// <param name="writesMeanwhile">How many bytes of calls the replica must miss.</param>
    /// <returns>What an owner is answered who claimed before and completes after.</returns>
    private async Task<OwnerAnswer> FailOverAsync(int minReplicas, int writesMeanwhile)
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await primary.StartReplicaAsync();
        using var sentinel = await RedisSentinel.StartAsync(primary, replicas: 1);
        using var store = new RedisStore(
            $"{primary.Address},{replica.Address},{LooksEverySecond}", new RedisStoreOptions { MinReplicas = minReplicas, CommandTimeout = TimeSpan.FromSeconds(2) });
        using var guard = IdempotencyGuard.Create(store, new IdempotencyOptions { ClaimTimeout = TimeSpan.FromMinutes(2) });
        var claimed = Calls.NewKey();
        var owner = await store.AcquireAsync(claimed, OnCrash.Hold);
        var calls = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(guard, caller))).ToArray();
        await UntilAsync(() => Task.FromResult(_runs.Count > 60));

        replica.Process.Stop();
        await primary.SendAsync("EVAL \"for i = 1, 20 do redis.call('SET', 'filler' .. i, string.rep('x', 1000000)) end\" 0"); // more than waits for the replica in its socket
        var offset = await OffsetAsync(primary);
        await UntilAsync(async () => await OffsetAsync(primary) > offset + writesMeanwhile);
        await primary.KillAsync();
        replica.Process.Continue();
        await UntilAsync(() => IsPrimaryAsync(replica));
        using var spare = await replica.StartReplicaAsync(); // or there is none that could acknowledge anything
        Volatile.Write(ref _isOver, true);

        var made = await Task.WhenAll(calls);
        foreach (var key in Enumerable.Range(0, Callers).SelectMany(caller => Enumerable.Range(0, made[caller]).Select(call => $"{caller}.{call}")))
        {
            await RunAsync(guard, key); // a duplicate
        }

        return await store.CompleteAsync(claimed, owner);
    }

    /// <summary>One call after the other, until one was made after the fail-over.</summary>
    private async Task<int> CallAsync(IdempotencyGuard guard, int caller)
    {
        var made = 0;
        for (var isLast = false; !isLast;)
        {
            isLast = Volatile.Read(ref _isOver);
            await RunAsync(guard, $"{caller}.{made++}");
        }

        return made;
    }

    private async Task RunAsync(IdempotencyGuard guard, string key)
    {
        try
        {
            await guard.RunAsync(s_charge, key, _ => Task.FromResult(_runs.AddOrUpdate(key, 1, static (_, runs) => runs + 1)));
        }
        catch (IdempotencyException lost)
        {
            _lost[key] = lost; // what that means, the test says
        }
    }

    private static async Task<bool> IsPrimaryAsync(RedisServer server)
    {
        try
        {
            return (await server.SendAllAsync("ROLE")).Contains("master", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it hangs up on everybody while it changes its role
        }
    }

    private static async Task<long> OffsetAsync(RedisServer primary)
    {
        const string Name = "master_repl_offset:";
        var info = await primary.SendAllAsync("INFO replication");
        var line = info.Split("\r\n").Single(static line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(10);
        }
    }
}
