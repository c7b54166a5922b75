using Idempotency.Storage;
using Idempotency.TestServers;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>What a person reads when Redis is not as it should be.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task A_wrong_address_is_named()
    {
        var nobody = $"127.0.0.1:{LoopbackPort.Free()}";
        using var store = new RedisStore($"{nobody},connectTimeout=500,connectRetry=1");

        var refusal = await Assert.ThrowsAsync<IOException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());

        Assert.StartsWith($"Redis at {nobody} cannot be reached, or only as a read-only replica. Check the address, which must be that of the primary or of all servers, the port, TLS and the network. The client says: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    public async Task A_wrong_password_is_refused_for_good(string password)
    {
        using var server = await RedisServer.StartAsync(options: ["--requirepass", "right"]);
        // The client tries again before it says why, which takes as long as it likes: patience for more than one try.
        using var store = new RedisStore(server.Address + password, new RedisStoreOptions { CommandTimeout = TimeSpan.FromMinutes(1) });

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());

        Assert.Contains("the password, the rights of its user, or the TLS certificate.", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refusal.Message, StringComparison.Ordinal);
        using var right = new RedisStore($"{server.Address},password=right");
        Assert.IsType<Claim.Acquired>(await right.ClaimAsync(Calls.NewKey()));
    }

    [Fact]
    public async Task A_replica_is_not_written_to()
    {
        using var primary = await RedisServer.StartAsync();
        using var replica = await RedisServer.StartAsync(options: ["--replicaof", "127.0.0.1", $"{primary.Port}"]);
        await UntilAsync(async () => (await replica.SendAsync("ROLE")).StartsWith('*') && (await Info(replica)).Contains("master_link_status:up", StringComparison.Ordinal));
        using var store = new RedisStore(replica.Address);

        var refusal = await Assert.ThrowsAsync<IOException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());

        Assert.Contains("only as a read-only replica. Check the address, which must be that of the primary or of all servers", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_evicts_keys_is_refused_under_Hold_and_warned_of_under_Retry()
    {
        using var server = await RedisServer.StartAsync(options: ["--maxmemory-policy", "allkeys-lru"]);
        var log = new LogLines();
        using var store = new RedisStore(server.Address, loggerFactory: log);

        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => store.ClaimAsync(Calls.NewKey(), onCrash: OnCrash.Hold).AsTask());

        Assert.Contains("evicts keys when its memory is full (maxmemory-policy allkeys-lru)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Set maxmemory-policy to noeviction.", refusal.Message, StringComparison.Ordinal);
        Assert.IsType<Claim.Acquired>(await store.ClaimAsync(Calls.NewKey()));
        Assert.Single(log.Lines, static line => line.Contains("maxmemory-policy allkeys-lru", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_full_takes_no_claim_and_says_so()
    {
        using var server = await RedisServer.StartAsync(options: ["--maxmemory", "2mb"]);
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        using var store = new RedisStore(connection);
        var key = Calls.NewKey();
        await store.ClaimAsync(key);
        await FillAsync(connection);

        var refusal = await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (var small = 0; small < 10_000; small++)
            {
                await store.ClaimAsync(Calls.NewKey());
            }
        });

        Assert.Contains("is out of memory and takes no more records. Raise maxmemory, or shorten Ttl.", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(await store.GetAsync(key, CancellationToken.None)); // nothing was lost
    }

    [Fact]
    public async Task What_is_no_record_is_never_taken_for_absent()
    {
        using var server = await RedisServer.StartAsync();
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        using var store = new RedisStore(connection);
        var (damaged, later) = (Calls.NewKey(), Calls.NewKey());
        var names = new RedisNames("idempotency:");
        await connection.GetDatabase().StringSetAsync(names.RecordOf(damaged), "garbage");
        await connection.GetDatabase().StringSetAsync(names.RecordOf(later), new byte[] { 2, 1, 2, 3 });

        Assert.Equal("The value is damaged, or it is not a record.", Assert.IsType<Claim.Unreadable>(await store.ClaimAsync(damaged)).Reason);
        Assert.Equal(
            "The record has format 2, and this version of the library reads formats up to 1.", Assert.IsType<Claim.Unreadable>(await store.ClaimAsync(later)).Reason);
        foreach (var key in new[] { damaged, later })
        {
            var owner = new Ownership(OwnerToken.New(), 1);
            await Assert.ThrowsAsync<InvalidDataException>(() => store.CompleteAsync(key, owner).AsTask());
            await Assert.ThrowsAsync<InvalidDataException>(() => store.RenewAsync(key, owner, TimeSpan.FromSeconds(1), CancellationToken.None).AsTask());
            await Assert.ThrowsAsync<InvalidDataException>(() => store.ReleaseAsync(key, owner, CancellationToken.None).AsTask());
            await Assert.ThrowsAsync<InvalidDataException>(() => store.AbandonAsync(key, owner.Token, CancellationToken.None).AsTask());
            await Assert.ThrowsAsync<InvalidDataException>(() => store.ResolveAsync(key, 1, null, TimeSpan.FromHours(1), CancellationToken.None).AsTask());
            await Assert.ThrowsAsync<InvalidDataException>(() => store.GetAsync(key, CancellationToken.None).AsTask());
        }

        Assert.Equal("garbage", await connection.GetDatabase().StringGetAsync(names.RecordOf(damaged)));
    }

    /// <summary>Every beginning of a record, and every bit of its head turned: none is taken for absent, and none brings a script down.</summary>
    [Fact]
    public async Task A_torn_record_is_unreadable_or_still_answered_by_the_table()
    {
        using var server = await RedisServer.StartAsync();
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        using var store = new RedisStore(connection);
        var key = Calls.NewKey();
        await store.CompleteAsync(key, await store.AcquireAsync(key));
        var (database, name) = (connection.GetDatabase(), (RedisKey)new RedisNames("idempotency:").RecordOf(key));
        var whole = (byte[])(await database.StringGetAsync(name))!;

        for (var length = 0; length < RedisRecord.HeadLength; length++)
        {
            await database.StringSetAsync(name, whole[..length]);
            Assert.IsType<Claim.Unreadable>(await store.ClaimAsync(key));
        }

        for (var bit = 0; bit < 8 * RedisRecord.HeadLength; bit++)
        {
            var turned = whole.ToArray();
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            await database.StringSetAsync(name, turned);
            var answer = await store.ClaimAsync(key);
            Assert.True(answer is not Claim.Acquired || turned[1] is (byte)'R', $"Bit {bit}: {answer}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("password=secret")]
    public void A_configuration_without_a_server_is_refused_at_once(string configuration) =>
        Assert.ThrowsAny<ArgumentException>(() => new RedisStore(configuration));

    private static async Task FillAsync(ConnectionMultiplexer connection)
    {
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                await connection.GetDatabase().StringSetAsync($"filler {i}", new byte[10_000]);
            }
        }
        catch (RedisServerException full) when (full.Message.StartsWith("OOM", StringComparison.Ordinal))
        {
            return;
        }

        Assert.Fail("The server took ten megabytes into two.");
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(10);
        }
    }

    private static async Task<string> Info(RedisServer server)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync($"{server.Address},allowAdmin=true");
        return await connection.GetServer(server.Address).InfoRawAsync("replication");
    }
}
