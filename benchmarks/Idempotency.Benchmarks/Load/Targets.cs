using Idempotency.Benchmarks.Files;
using Idempotency.Benchmarks.Http;
using Idempotency.Benchmarks.Stores;

namespace Idempotency.Benchmarks.Load;

/// <summary>What processes of their own can call: each makes its calls known and waits to be told which to make.</summary>
internal static class Targets
{
    private static readonly Dictionary<string, Func<string, Task>> s_all = new()
    {
        ["files"] = FileCalls.ServeAsync,
        ["redis"] = RedisCalls.ServeAsync,
        ["postgresql"] = PostgreSqlCalls.ServeAsync,
        ["transactions"] = TransactionCalls.ServeAsync,
        ["dynamodb"] = DynamoDbCalls.ServeAsync,
        ["http"] = HttpCalls.ServeAsync,
    };

    public static Task ServeAsync(string kind, string address) => s_all[kind](address);
}
