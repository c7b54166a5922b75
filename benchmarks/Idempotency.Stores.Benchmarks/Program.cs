using Idempotency.StoresBenchmarks;

// All by default; otherwise those that are named.
foreach (var (name, run) in new (string, Func<Task>)[]
{
    ("redis", RedisRun.RunAsync), ("postgres", PostgreSqlRun.RunAsync), ("transactions", TransactionRun.RunAsync), ("dynamo", DynamoDbRun.RunAsync),
})
{
    if (args.Length == 0 || args.Contains(name))
    {
        await run();
    }
}
