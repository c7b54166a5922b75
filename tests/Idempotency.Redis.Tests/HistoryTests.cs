using System.Globalization;
using Idempotency.Storage;
using Idempotency.Testing;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>What a real server answers many callers can be put in one order; what broken scripts answer cannot.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(15);

    /// <summary>IDEMPOTENCY_SEED=n tries another one.</summary>
    private static readonly int s_seed =
        int.TryParse(Environment.GetEnvironmentVariable("IDEMPOTENCY_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 20_261_121;

    private RedisServer _server = null!;

    /// <summary>What a script says, and what a broken one says instead. Every mutant is caught by a history of its answers. Of the versions that resolutions show, the contract speaks.</summary>
    public static TheoryData<string, string, string, string> Mutants => new()
    {
        { "complete", "fence is not compared", "string.sub(v, 8, 15) ~= ARGV[2] or ", "" },
        { "complete", "token is not compared", " or string.sub(v, 48, 63) ~= ARGV[3]", "" },
        { "complete", "owner is not compared", "string.sub(v, 8, 15) ~= ARGV[2] or string.sub(v, 48, 63) ~= ARGV[3]", "false" },
        { "complete", "state is not looked at", "if state ~= 'I' and state ~= 'D' then return fenced() end", "" },
        { "renew", "owner is not compared", "string.sub(v, 8, 15) ~= ARGV[2] or string.sub(v, 48, 63) ~= ARGV[3]", "false" },
        { "renew", "state is not looked at", "if state ~= 'I' and state ~= 'D' then return fenced() end", "" },
        { "release", "deletes blindly", "local r = read(v)", "redis.call('DEL', KEYS[1]) do return 1 end local r = read(v)" },
        { "release", "owner is not compared", "string.sub(v, 8, 15) == ARGV[2] and r.token == ARGV[3]", "true" },
        { "release", "token is not ended", "remember_ended(r, r.token)", "" },
        { "abandon", "token is not ended", "remember_ended(r, ARGV[2])", "" },
        { "claim", "is not idempotent", "if r.token == token then", "if false then" },
        { "claim", "ended tokens are granted", "if has_ended(r, token) then return '\\0S' end", "" },
        { "claim", "the lease is a little too short", "now < r.since + r.span", "now < r.since + r.span - 12000" },
        { "claim", "hold is retry", "ARGV[3] == 'R'", "true" },
        { "claim", "the fence is the attempt", "r.fence = r.version", "r.fence = r.attempt" },
        { "claim", "the record ends with its lease", ".. ARGV[2])", ".. ARGV[2], 'PX', 15)" },
        { "claim", "the fingerprint is not compared", "if r.print ~= print then return '\\0M' end", "" },
        { "resolve", "leaves the owner", "if ARGV[3] ~= 'R' then r.token = string.rep('\\0', 16) end", "" },
    };

    public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

    public Task DisposeAsync()
    {
        _server.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task What_the_server_answers_can_be_put_in_one_order(OnCrash onCrash)
    {
        for (var round = 0; round < 4; round++)
        {
            var result = await HammerAsync(onCrash, s_seed + round, RedisScripts.Default);

            Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Seed {s_seed + round}: {result}");
        }
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task What_the_server_answers_can_be_put_in_one_order_although_connections_are_cut(OnCrash onCrash)
    {
        var hit = 0;
        for (var round = 0; round < 10; round++)
        {
            var (result, unknown) = await HammerAndCutAsync(onCrash, s_seed + round, static view => view);

            Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Seed {s_seed + round}, {unknown} answers lost: {result}");
            hit += unknown;
        }

        Assert.InRange(hit, 1, int.MaxValue);
    }

    /// <summary>That the test above would see it: nothing but a lost answer brings this flaw out.</summary>
    [Fact]
    public async Task A_lost_answer_that_is_taken_for_a_refusal_shows()
    {
        for (var round = 0; round < 40; round++)
        {
            if ((await HammerAndCutAsync(OnCrash.Hold, s_seed + round, static view => new GuessingStore(view))).Result.Verdict == LinearizabilityVerdict.NotLinearizable)
            {
                return;
            }
        }

        Assert.Fail("Nobody noticed.");
    }

    [Theory, MemberData(nameof(Mutants))]
    public async Task A_broken_script_shows(string script, string flaw, string original, string broken)
    {
        var scripts = Break(script, original, broken);
        for (var round = 0; round < 200; round++) // the rarest takes some
        {
            foreach (var onCrash in Enum.GetValues<OnCrash>())
            {
                if ((await HammerAsync(onCrash, s_seed + round, scripts)).Verdict == LinearizabilityVerdict.NotLinearizable)
                {
                    return;
                }
            }
        }

        Assert.Fail($"{script}.lua: {flaw}. Nobody noticed.");
    }

    private static RedisScripts Break(string script, string original, string broken)
    {
        var text = RedisScript.Load(script).Text;
        Assert.Contains(original, text, StringComparison.Ordinal);
        var mutant = new RedisScript(text.Replace(original, broken, StringComparison.Ordinal));
        return script switch
        {
            "claim" => RedisScripts.Default with { Claim = mutant },
            "complete" => RedisScripts.Default with { Complete = mutant },
            "renew" => RedisScripts.Default with { Renew = mutant },
            "release" => RedisScripts.Default with { Release = mutant },
            "abandon" => RedisScripts.Default with { Abandon = mutant },
            _ => RedisScripts.Default with { Resolve = mutant },
        };
    }

    private async Task<LinearizabilityResult> HammerAsync(OnCrash onCrash, int seed, RedisScripts scripts)
    {
        var options = new RedisStoreOptions { KeyPrefix = $"{Guid.NewGuid():n}:", CommandTimeout = TimeSpan.FromSeconds(10) };
        RedisStore[] views = [.. Enumerable.Range(0, 2).Select(_ => new RedisStore(RedisConnector.To(_server.Address), options, null, null, scripts))];
        var history = new StoreHistory();
        await Hammer(onCrash, seed, calls: 120, LetLeasesEnd).RunAsync(history, views);
        foreach (var view in views)
        {
            view.Dispose();
        }

        return new LinearizabilityChecker().Check(history);
    }

    /// <summary>Short, with few cuts, and nobody calls while the client connects again: it refuses such calls, and each would be one more that may have been applied at any time.</summary>
    private async Task<(LinearizabilityResult Result, int Unknown)> HammerAndCutAsync(OnCrash onCrash, int seed, Func<IIdempotencyStore, IIdempotencyStore> see)
    {
        const int CallsBetweenCuts = 100;
        using var proxy = TcpProxy.Start(_server.Port);
        IConnectionMultiplexer[] connections = [await ConnectionMultiplexer.ConnectAsync(proxy.Address), await ConnectionMultiplexer.ConnectAsync(proxy.Address)];
        var options = new RedisStoreOptions { KeyPrefix = $"{Guid.NewGuid():n}:" };
        RedisStore[] stores = [.. connections.Select(connection => new RedisStore(connection, options))];
        var history = new StoreHistory();
        var made = 0;
        await Hammer(onCrash, seed, calls: 40, random =>
        {
            LetLeasesEnd(random);
            if (Interlocked.Increment(ref made) % CallsBetweenCuts == 0)
            {
                proxy.CutAtAnswer(1);
            }

            SpinWait.SpinUntil(() => connections.All(static connection => connection.IsConnected));
        }).RunAsync(history, [.. stores.Select(see)]);
        foreach (var (store, connection) in stores.Zip(connections))
        {
            store.Dispose();
            connection.Dispose();
        }

        return (new LinearizabilityChecker().Check(history), history.Entries.Count(static entry => entry.ReturnedAt is null));
    }

    private static StoreHammer Hammer(OnCrash onCrash, int seed, int calls, Action<Random> between) =>
        new() { Seed = seed, OnCrash = onCrash, Lease = s_lease, Keys = 4, Calls = calls, Between = between };

    /// <summary>Now and then pauses for as long as a lease may last on the server's clock. What a history proves does not depend on it.</summary>
    private static void LetLeasesEnd(Random random)
    {
        if (random.Next(20) == 0)
        {
            Thread.Sleep(random.Next(2 * (int)s_lease.TotalMilliseconds));
        }
    }
}
