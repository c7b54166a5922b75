using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>A duplicate whose result is kept as bytes, beside reading those bytes.</summary>
public class StoredBytes
{
    private const int Calls = 50_000;
    private const string Order = "order-123456";

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");

    private readonly Statements _statements = new(IdempotencyGuard.Create(
        new MemoryStore(), new IdempotencyOptions { JsonTypeInfoResolvers = { StatementJson.Default } }));

    private byte[] _json = [];
    private Statement? _last;

    [GlobalSetup]
    public void Setup() => _json = JsonSerializer.SerializeToUtf8Bytes(
        new Statement { OrderId = Order, Amount = 12.50m, UserId = 42, RequestId = s_requestId }, StatementJson.Default.Statement);

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void Deserialize()
    {
        for (var i = 0; i < Calls; i++)
        {
            _last = JsonSerializer.Deserialize(_json, StatementJson.Default.Statement);
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Guarded()
    {
        for (var i = 0; i < Calls; i++)
        {
            var call = _statements.MakeAsync(42, 12.50m, Order, s_requestId);
            _last = call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waits.");
        }
    }
}
