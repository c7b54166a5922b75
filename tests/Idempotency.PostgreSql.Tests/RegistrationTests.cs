using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Idempotency.PostgreSql.Tests;

/// <summary>The store as applications register it.</summary>
[Collection(nameof(SharedServer))]
public sealed class RegistrationTests(SharedServer server)
{
    [Fact]
    public async Task A_store_of_a_connection_string_is_disposed_with_its_pool()
    {
        var services = new ServiceCollection();
        services.AddIdempotency().UsePostgreSql(server.Server.ConnectionString + ";Application Name=own_pool", static options => options.Schema = "registered");
        await using (var provider = services.BuildServiceProvider())
        {
            var store = Assert.IsType<PostgreSqlStore>(provider.GetRequiredKeyedService<IIdempotencyStore>(""));
            await store.EnsureCreatedAsync();
            await store.AcquireAsync(TestStore.NewKey());
        }

        while ((long)(await server.AskAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'own_pool'"))! > 0)
        {
            await Task.Yield(); // the server is ending them
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_data_source_that_was_given_stays_open(bool fromServices)
    {
        await using var source = NpgsqlDataSource.Create(server.Server.ConnectionString);
        var services = new ServiceCollection();
        var builder = services.AddIdempotency();
        _ = fromServices
            ? builder.UsePostgreSql(_ => source, static options => options.Schema = "given")
            : builder.UsePostgreSql(source, static options => options.Schema = "given");
        await using (var provider = services.BuildServiceProvider())
        {
            await ((PostgreSqlStore)provider.GetRequiredKeyedService<IIdempotencyStore>("")).EnsureCreatedAsync();
        }

        await using var command = source.CreateCommand("SELECT 1");
        Assert.Equal(1, await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("Host=localhost;Databse=shop")]
    public void A_connection_string_that_is_not_understood_is_told_when_the_store_is_chosen(string connectionString) =>
        Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddIdempotency().UsePostgreSql(connectionString));

    [Fact]
    public async Task Named_stores_have_options_of_their_own()
    {
        var services = new ServiceCollection();
        services.AddIdempotency()
            .UsePostgreSql(server.Source, static options => options.Schema = "orders")
            .AddStore("payments", store => store.UsePostgreSql(server.Source, static options => options.Schema = "payments"));
        await using var provider = services.BuildServiceProvider();
        var (orders, payments) = ((PostgreSqlStore)provider.GetRequiredKeyedService<IIdempotencyStore>(""), (PostgreSqlStore)provider.GetRequiredKeyedService<IIdempotencyStore>("payments"));
        await orders.EnsureCreatedAsync();
        await payments.EnsureCreatedAsync();
        var key = TestStore.NewKey();

        await orders.AcquireAsync(key);
        await payments.AcquireAsync(key);
    }

    public static TheoryData<Action<PostgreSqlStoreOptions>, string> Nonsense => new()
    {
        { static options => options.Schema = "Bad Name", "Schema" },
        { static options => options.Table = null!, "Table" },
        { static options => options.CommandTimeout = TimeSpan.Zero, "CommandTimeout" },
        { static options => options.CommandTimeout = TimeSpan.FromHours(1), "CommandTimeout" },
        { static options => options.TombstoneRetention = TimeSpan.Zero, "TombstoneRetention" },
        { static options => options.PollInterval = TimeSpan.FromMinutes(1), "PollInterval" },
    };

    [Theory, MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public void Nonsense_is_refused_when_the_host_starts(Action<PostgreSqlStoreOptions> configure, string option)
    {
        var services = new ServiceCollection();
        services.AddIdempotency().UsePostgreSql("Host=localhost", configure);
        using var provider = services.BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains(option, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_guards_on_two_machines_run_a_body_once()
    {
        var options = server.NewTable();
        using var one = new PostgreSqlStore(server.Source, options);
        using var two = new PostgreSqlStore(server.Source, options);
        await one.EnsureCreatedAsync();
        using var here = IdempotencyGuard.Create(one);
        using var there = IdempotencyGuard.Create(two);
        var operation = new IdempotentOperation<int>("tests.count") { OnDuplicate = OnDuplicate.Wait };
        var runs = 0;

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(caller => (caller % 2 == 0 ? here : there).RunAsync(
            operation, "the same", _ => Task.FromResult(Interlocked.Increment(ref runs)))));

        Assert.Equal(1, runs);
        Assert.All(results, static result => Assert.Equal(1, result));
    }
}
