using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>What servers say while they start, hang in a script, change their role or move their data: no body runs unguarded, and none twice.</summary>
public sealed class BadMomentTests : IAsyncLifetime
{
    private static readonly IdempotentOperation<int> s_charge = new("test.charge");

    private RedisServer _server = null!;
    private MoodyServer _moody = null!;
    private RedisStore _store = null!;
    private int _runs;

    /// <summary>Nobody listens on port 1, so that who follows a redirection gets nowhere.</summary>
    public static TheoryData<string> Moments => new()
    {
        "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "READONLY You can't write against a read only replica.",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        "NOREPLICAS Not enough good replicas to write.",
        "NOSCRIPT No matching script. Please use EVAL.",
        "CLUSTERDOWN The cluster is down",
        "CLUSTERDOWN Hash slot not served",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "MOVED 1 127.0.0.1:1",
        "ASK 1 127.0.0.1:1",
    };

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _moody = new MoodyServer(_server.Port);
        _store = new RedisStore($"{_moody.Address},connectTimeout=500");
    }

    public Task DisposeAsync()
    {
        _store.Dispose();
        _moody.Dispose();
        _server.Dispose();
        return Task.CompletedTask;
    }

    [Theory, MemberData(nameof(Moments))]
    public async Task The_store_throws_what_the_server_says_and_answers_again_when_it_does(string error)
    {
        var key = Calls.NewKey();
        var owner = await _store.AcquireAsync(key);
        _moody.Say(error, int.MaxValue);

        Func<Task>[] calls =
        [
            () => _store.ClaimAsync(Calls.NewKey()).AsTask(),
            () => _store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None).AsTask(),
            () => _store.CompleteAsync(key, owner).AsTask(),
            () => _store.ReleaseAsync(key, owner, CancellationToken.None).AsTask(),
            () => _store.AbandonAsync(key, OwnerToken.New(), CancellationToken.None).AsTask(),
            () => _store.GetAsync(key, CancellationToken.None).AsTask(),
            () => _store.ResolveAsync(key, 1, null, TimeSpan.FromHours(1), CancellationToken.None).AsTask(),
        ];
        foreach (var call in calls)
        {
            var refusal = await Assert.ThrowsAsync<IOException>(call);
            Assert.StartsWith($"Redis at {_moody.Address} ", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(error.EndsWith(":1", StringComparison.Ordinal) ? "127.0.0.1:1" : error, refusal.Message, StringComparison.Ordinal); // the client has words of its own for a redirection
        }

        _moody.Say(error, times: 0);
        Assert.Equal(OwnerAnswer.Accepted, await _store.CompleteAsync(key, owner));
    }

    [Theory, MemberData(nameof(Moments))]
    public async Task A_call_outlasts_a_bad_moment_and_runs_its_body_once(string error)
    {
        using var guard = IdempotencyGuard.Create(_store);
        _moody.Say(error, times: 5);

        Assert.Equal(1, await guard.RunAsync(s_charge, "key", _ =>
        {
            _moody.Say(error, times: 5); // and once more when the outcome is to be stored
            return Task.FromResult(++_runs);
        }));

        Assert.Equal(10, _moody.Said);
        Assert.Equal(1, await guard.RunAsync(s_charge, "key", _ => Task.FromResult(++_runs)));
    }

    [Theory, MemberData(nameof(Moments))]
    public async Task A_bad_moment_that_outlasts_a_call_keeps_its_body_from_running(string error)
    {
        using var guard = IdempotencyGuard.Create(_store, new IdempotencyOptions { ClaimTimeout = TimeSpan.FromMilliseconds(300) });
        _moody.Say(error, int.MaxValue);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => guard.RunAsync(s_charge, "key", _ => Task.FromResult(++_runs)));

        Assert.IsType<IOException>(refusal.InnerException);
        Assert.Equal(0, _runs);
        _moody.Say(error, times: 0);
        using var patient = IdempotencyGuard.Create(_store);
        Assert.Equal(1, await patient.RunAsync(s_charge, "key", _ => Task.FromResult(++_runs)));
    }

    [Fact]
    public async Task A_script_that_does_not_end_keeps_bodies_waiting_until_somebody_kills_it()
    {
        await _server.SendAsync("CONFIG SET busy-reply-threshold 10");
        using var guard = IdempotencyGuard.Create(_store, new IdempotencyOptions { ClaimTimeout = TimeSpan.FromMinutes(1) });
        Assert.Equal(1, await guard.RunAsync(s_charge, "before", _ => Task.FromResult(++_runs)));
        var endless = _server.SendAsync("EVAL \"while true do end\" 0");
        while (!(await _server.SendAsync("PING")).StartsWith("-BUSY", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        var refusal = await Assert.ThrowsAsync<IOException>(() => _store.ClaimAsync(Calls.NewKey()).AsTask());
        Assert.Contains("is busy with a script that does not end.", refusal.Message, StringComparison.Ordinal);
        var call = guard.RunAsync(s_charge, "during", _ => Task.FromResult(++_runs));
        Assert.Equal("+OK", await _server.SendAsync("SCRIPT KILL"));

        Assert.Equal(2, await call);
        await endless;
    }

    /// <summary>Loading again takes a connection away, and when it is back the server does not say yet how it is set up.</summary>
    [Fact]
    public async Task A_server_that_evicts_keys_is_refused_under_Hold_although_it_would_not_say_so_at_first()
    {
        await _server.SendAsync("CONFIG SET maxmemory-policy allkeys-lru");
        _moody.Say("LOADING Redis is loading the dataset in memory", times: 1);
        await Assert.ThrowsAsync<IOException>(() => _store.ClaimAsync(Calls.NewKey(), onCrash: OnCrash.Hold).AsTask());

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => _store.ClaimAsync(Calls.NewKey(), onCrash: OnCrash.Hold).AsTask());

        Assert.Contains("maxmemory-policy allkeys-lru", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_up_is_not_connected_to_more_than_once()
    {
        var made = 0;
        var connector = RedisConnector.To(_moody.Address);
        using var store = new RedisStore(connector with { ConnectAsync = () => CountAsync() }, null, null, null);
        _moody.Say(MoodyServer.HangsUp, times: 5);

        Assert.IsType<Claim.Acquired>(await store.ClaimUntilAnsweredAsync(Calls.NewKey(), OwnerToken.New()));

        Assert.Equal(5, _moody.Said);
        Assert.Equal(1, made); // the client connects again by itself; another one would stay for ever

        Task<StackExchange.Redis.IConnectionMultiplexer> CountAsync()
        {
            made++;
            return connector.ConnectAsync();
        }
    }
}
