using Idempotency.Benchmarks.Files;
using Idempotency.Benchmarks.Http;
using Idempotency.Benchmarks.Memory;
using Idempotency.Benchmarks.Stores;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>What can be measured, by name. The page has a place for each.</summary>
internal static class Sections
{
    public static readonly Dictionary<string, Func<Section, Task>> All = new()
    {
        ["memory"] = MemorySection.RunAsync,
        ["keys"] = KeysSection.RunAsync,
        ["sizes"] = SizesSection.RunAsync,
        ["throughput"] = ThroughputSection.RunAsync,
        ["files"] = FileSection.RunAsync,
        ["redis"] = RedisSection.RunAsync,
        ["postgresql"] = PostgreSqlSection.RunAsync,
        ["transactions"] = TransactionSection.RunAsync,
        ["dynamodb"] = DynamoDbSection.RunAsync,
        ["http"] = HttpSection.RunAsync,
        ["generator"] = GeneratorSection.RunAsync,
    };
}
