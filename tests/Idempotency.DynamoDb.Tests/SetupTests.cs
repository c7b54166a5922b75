using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Idempotency.DynamoDb.Tests;

public sealed class SetupTests
{
    [Fact]
    public async Task A_table_is_made_that_the_store_can_use_and_that_lets_DynamoDB_delete()
    {
        var (store, client, table) = Open();

        await Task.WhenAll(store.EnsureTableAsync(), store.EnsureTableAsync());
        await store.EnsureTableAsync();

        var description = (await client.DescribeTableAsync(table)).Table;
        Assert.Equal(["operation HASH", "key RANGE"], description.KeySchema.Select(static key => $"{key.AttributeName} {key.KeyType}"));
        Assert.Equal(BillingMode.PAY_PER_REQUEST, description.BillingModeSummary.BillingMode);
        var ttl = (await client.DescribeTimeToLiveAsync(new DescribeTimeToLiveRequest { TableName = table })).TimeToLiveDescription;
        Assert.Equal((TimeToLiveStatus.ENABLED, "expiration"), (ttl.TimeToLiveStatus, ttl.AttributeName));
        Assert.Null(await store.GetAsync(TestTable.NewKey(), default));
    }

    [Theory]
    [InlineData("id", "key", "S", "'id HASH S, key RANGE S'")]
    [InlineData("operation", "id", "S", "'operation HASH S, id RANGE S'")]
    [InlineData("operation", "key", "B", "'operation HASH S, key RANGE B'")]
    [InlineData("operation", null, "S", "'operation HASH S'")]
    public async Task A_table_of_somebody_else_is_refused(string partition, string? sort, string type, string expected)
    {
        var (store, client, table) = Open();
        var request = new CreateTableRequest
        {
            TableName = table,
            BillingMode = BillingMode.PAY_PER_REQUEST,
            KeySchema = [new KeySchemaElement(partition, KeyType.HASH)],
            AttributeDefinitions = [new AttributeDefinition(partition, ScalarAttributeType.S)],
        };
        if (sort is not null)
        {
            request.KeySchema.Add(new KeySchemaElement(sort, KeyType.RANGE));
            request.AttributeDefinitions.Add(new AttributeDefinition(sort, ScalarAttributeType.FindValue(type)));
        }

        await client.CreateTableAsync(request);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => store.EnsureTableAsync());
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains("a table of its own", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_where_another_attribute_decides_what_is_deleted_is_refused()
    {
        var (store, client, table) = Open();
        await TestTable.CreateAsync(client, table);
        await client.UpdateTimeToLiveAsync(new UpdateTimeToLiveRequest
        {
            TableName = table, TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = "ttl", Enabled = true },
        });

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => store.EnsureTableAsync());
        Assert.Contains("by the attribute 'ttl', and the store needs 'expiration'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_on_the_store_runs_once_in_two_processes_and_the_store_is_healthy()
    {
        await using var one = Services(static builder => builder.UseDynamoDb(TestTable.Client(), static options => options.TableName = TestTable.Name));
        await using var two = Services(static builder => builder.UseDynamoDb(static _ => TestTable.Client(), static options => options.TableName = TestTable.Name));
        var operation = new IdempotentOperation<int>("setup.run") { OnDuplicate = OnDuplicate.Wait };
        var runs = 0;
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : two).GetRequiredService<IdempotencyGuard>()
            .RunAsync(operation, key, _ => Task.FromResult(Interlocked.Increment(ref runs)))));

        Assert.Equal((1, true), (runs, Array.TrueForAll(answers, static answer => answer == 1)));
        var report = await one.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Status);
    }

    [Fact]
    public async Task A_registered_client_is_used_and_every_store_has_its_own_options()
    {
        await using var services = Services(static builder =>
        {
            builder.Services.AddSingleton<IAmazonDynamoDB>(TestTable.Client());
            builder.UseDynamoDb(TestTable.Name).AddStore("payments", static store => store.UseDynamoDb("nowhere"));
        });
        var guard = services.GetRequiredService<IdempotencyGuard>();

        Assert.Equal(1, await guard.RunAsync(new IdempotentOperation<int>("setup.registered"), Guid.NewGuid().ToString(), _ => Task.FromResult(1)));
        var nowhere = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => services.GetRequiredService<IdempotencyOperator>().FindAsync("setup.registered", new string('0', 64), "payments"));
        Assert.Contains("'nowhere'", nowhere.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_that_allows_larger_results_than_an_item_holds_does_not_start()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddIdempotency(static options => options.MaxResultBytes = ItemSize.MostResult + 1).UseDynamoDb(TestTable.Name);
        using var host = builder.Build();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("must be at most 393216", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_is_refused_and_named()
    {
        (Action<DynamoDbStoreOptions> Set, string Name)[] faults =
        [
            (static o => o.TableName = "no", "TableName"),
            (static o => o.TableName = "with space", "TableName"),
            (static o => o.TombstoneRetention = TimeSpan.Zero, "TombstoneRetention"),
            (static o => o.PollInterval = TimeSpan.Zero, "PollInterval"),
            (static o => o.CommandTimeout = TimeSpan.FromDays(1), "CommandTimeout"),
            (static o => o.ClockSkew = TimeSpan.FromTicks(-1), "ClockSkew"),
        ];
        foreach (var (set, name) in faults)
        {
            var options = new DynamoDbStoreOptions();
            set(options);

            var failure = Assert.Throws<ArgumentException>(() => new DynamoDbStore(TestTable.Client(), options));
            Assert.Contains($"DynamoDbStoreOptions.{name} is", failure.Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentNullException>(() => new DynamoDbStore(null!));
    }

    private static (DynamoDbStore Store, AmazonDynamoDBClient Client, string Table) Open()
    {
        var table = $"table-{Guid.NewGuid():n}";
        var client = TestTable.Client(new Wire(TestTable.Service));
        return (new DynamoDbStore(client, new DynamoDbStoreOptions { TableName = table }), client, table);
    }

    private static ServiceProvider Services(Action<IdempotencyBuilder> choose)
    {
        var services = new ServiceCollection().AddLogging();
        choose(services.AddIdempotency());
        services.AddHealthChecks().AddIdempotencyStore();
        return services.BuildServiceProvider();
    }
}
