using Idempotency.Storage;
using Idempotency.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Idempotency.Redis.Tests;

/// <summary>What an application writes to use Redis.</summary>
public sealed class RegistrationTests : IAsyncLifetime
{
    private static readonly IdempotentOperation<int> s_operation = new("test.charge");

    private RedisServer _server = null!;
    private int _runs;

    public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

    public Task DisposeAsync()
    {
        _server.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("address")]
    [InlineData("connection")]
    [InlineData("service")]
    public async Task Two_processes_run_a_body_once(string how)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(_server.Address);
        await using var first = Build(how, connection);
        await using var second = Build(how, connection);

        Assert.Equal(1, await RunAsync(first));
        Assert.Equal(1, await RunAsync(second));
        Assert.Equal(1, _runs);

        await first.DisposeAsync();
        Assert.True(connection.IsConnected, "A connection that was given is not the store's to close.");
    }

    [Fact]
    public async Task A_named_store_has_its_own_options()
    {
        var services = new ServiceCollection();
        services.AddIdempotency().UseMemoryStore().AddStore("payments", store => store.UseRedis(_server.Address, options => options.KeyPrefix = "pay:"));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IdempotencyGuard>().RunAsync(new IdempotentOperation<int>("test.pay") { Store = "payments" }, "key", static _ => Task.FromResult(1));

        Assert.Equal(":1", await _server.SendAsync("DBSIZE"));
        Assert.Contains("pay:{", await _server.SendAllAsync("KEYS *"), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_checked()
    {
        (Action<RedisStoreOptions> Set, string Fault)[] faults =
        [
            (static options => options.KeyPrefix = "", "RedisStoreOptions.KeyPrefix must have from 1 to 100 characters, none of them a control character or a brace."),
            (static options => options.KeyPrefix = "a{b}", "RedisStoreOptions.KeyPrefix must have from 1 to 100 characters, none of them a control character or a brace."),
            (static options => options.KeyPrefix = "a\r\nFLUSHALL", "RedisStoreOptions.KeyPrefix must have from 1 to 100 characters, none of them a control character or a brace."),
            (static options => options.Database = -1, "RedisStoreOptions.Database is -1; it must not be negative."),
            (static options => options.MinReplicas = 101, "RedisStoreOptions.MinReplicas is 101; it must be from 0 to 100."),
            (static options => options.CommandTimeout = TimeSpan.Zero, "RedisStoreOptions.CommandTimeout is 00:00:00; it must be from 00:00:00.0010000 to 01:00:00."),
            (static options => options.PollInterval = TimeSpan.FromDays(1), "RedisStoreOptions.PollInterval is 1.00:00:00; it must be from 00:00:00.0010000 to 01:00:00."),
            (static options => options.TombstoneRetention = TimeSpan.FromDays(2), "RedisStoreOptions.TombstoneRetention is 2.00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."),
        ];
        foreach (var (set, fault) in faults)
        {
            var services = new ServiceCollection();
            services.AddIdempotency().UseRedis(_server.Address, set);
            using var provider = services.BuildServiceProvider();

            Assert.Equal([fault], Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate).Failures);
            var options = new RedisStoreOptions();
            set(options);
            Assert.StartsWith(fault, Assert.Throws<ArgumentException>(() => new RedisStore(_server.Address, options)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_configuration_that_cannot_be_read_is_refused_where_it_is_written() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddIdempotency().UseRedis("localhost,nonsense=1"));

    [Fact]
    public async Task A_database_of_its_own_holds_the_records()
    {
        using var store = new RedisStore(_server.Address, new RedisStoreOptions { Database = 3 });
        await store.AcquireAsync(Calls.NewKey());

        Assert.Equal(":0", await _server.SendAsync("DBSIZE"));
    }

    [Fact]
    public async Task A_store_that_was_disposed_of_says_so()
    {
        var store = new RedisStore(_server.Address);
        await store.AcquireAsync(Calls.NewKey());
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ClaimAsync(Calls.NewKey()).AsTask());
    }

    private ServiceProvider Build(string how, IConnectionMultiplexer connection)
    {
        var services = new ServiceCollection().AddSingleton(connection);
        var builder = services.AddIdempotency();
        _ = how switch
        {
            "address" => builder.UseRedis(_server.Address),
            "connection" => builder.UseRedis(connection),
            _ => builder.UseRedis(static provider => provider.GetRequiredService<IConnectionMultiplexer>()),
        };
        return services.BuildServiceProvider();
    }

    private Task<int> RunAsync(IServiceProvider process) =>
        process.GetRequiredService<IdempotencyGuard>().RunAsync(s_operation, "key", _ => Task.FromResult(Interlocked.Increment(ref _runs)));
}
