namespace Idempotency.PostgreSql.Tests;

/// <summary>The table is made by whoever comes first, by hand or by the store, and what is in it gives nothing away.</summary>
[Collection(nameof(SharedServer))]
public sealed class SchemaTests(SharedServer server)
{
    [Fact]
    public async Task Eight_that_make_the_table_at_once_find_it_made()
    {
        var options = new PostgreSqlStoreOptions { Schema = "made_at_once" };
        var stores = Enumerable.Range(0, 8).Select(_ => new PostgreSqlStore(server.Source, options)).ToList();

        await Task.WhenAll(stores.Select(static store => Task.Run(() => store.EnsureCreatedAsync())));

        Assert.All(await Task.WhenAll(stores.Select(static store => store.AcquireAsync(TestStore.NewKey()))), static owner => Assert.True(owner.Fence > 0));
    }

    [Fact]
    public async Task The_script_makes_what_the_store_makes_and_may_be_run_again()
    {
        var byHand = new PostgreSqlStoreOptions { Schema = "by_hand" };
        var byStore = new PostgreSqlStoreOptions { Schema = "by_store" };
        using var store = new PostgreSqlStore(server.Source, byStore);
        await store.EnsureCreatedAsync();
        await store.EnsureCreatedAsync();

        await server.AskAsync(PostgreSqlStore.CreateScript(byHand));
        await server.AskAsync(PostgreSqlStore.CreateScript(byHand));

        Assert.Equal(await DescribeAsync("by_store"), await DescribeAsync("by_hand"));
        using var other = new PostgreSqlStore(server.Source, byHand);
        await other.AcquireAsync(TestStore.NewKey());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Records")]
    [InlineData("1records")]
    [InlineData("records\n")]
    [InlineData("records; DROP TABLE users")]
    [InlineData("records\"; --")]
    [InlineData("a b")]
    [InlineData("récords")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void A_name_that_is_more_than_a_name_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => new PostgreSqlStore(server.Source, new PostgreSqlStoreOptions { Table = name }));
        Assert.Throws<ArgumentException>(() => new PostgreSqlStore(server.Source, new PostgreSqlStoreOptions { Schema = name }));
        Assert.Throws<ArgumentException>(() => PostgreSqlStore.CreateScript(new PostgreSqlStoreOptions { Schema = name }));
    }

    [Fact]
    public async Task Names_may_be_as_long_as_the_server_takes_them_and_words_of_its_own()
    {
        foreach (var (schema, table) in new[] { ("select", "table"), (new string('s', 63), new string('t', 63)), (new string('s', 63), new string('t', 62) + "u") })
        {
            using var store = new PostgreSqlStore(server.Source, new PostgreSqlStoreOptions { Schema = schema, Table = table });
            await store.EnsureCreatedAsync();
            var key = TestStore.NewKey();
            await store.CompleteAsync(key, await store.AcquireAsync(key));
        }
    }

    [Fact]
    public async Task Arguments_are_not_in_the_table()
    {
        var options = server.NewTable();
        using var store = new PostgreSqlStore(server.Source, options);
        await store.EnsureCreatedAsync();
        using var guard = IdempotencyGuard.Create(store);
        const string Canary = "4111-1111-1111-1111";
        var operation = new IdempotentOperation<string>("shop.'; DROP TABLE x; --\\");

        await guard.RunAsync(operation, Canary, static _ => Task.FromResult("done"));
        Assert.Equal("done", await guard.RunAsync(operation, Canary, static _ => Task.FromResult("done again")));

        var row = (string)(await server.AskAsync($"SELECT row_to_json(r)::text FROM {options.Name.Table} AS r"))!;
        Assert.DoesNotContain(Canary, row, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Canary)), row, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("DROP TABLE", row, StringComparison.Ordinal); // the operation's name is a value like any other
    }

    private async Task<string> DescribeAsync(string schema) => (string)(await server.AskAsync(
        $"""
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
          SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) AS line FROM information_schema.columns WHERE table_schema = '{schema}'
          UNION ALL SELECT replace(indexdef, '{schema}', '') FROM pg_indexes WHERE schemaname = '{schema}'
          UNION ALL SELECT sequencename FROM pg_sequences WHERE schemaname = '{schema}'
          UNION ALL SELECT obj_description('{schema}.records'::regclass, 'pg_class')) AS lines
        """))!;
}
