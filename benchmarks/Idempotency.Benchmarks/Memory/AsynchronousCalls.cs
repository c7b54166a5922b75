using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>First calls whose body yields its thread once, beside the body alone and beside first calls that do not wait.</summary>
[InvocationCount(1, 1)]
public partial class AsynchronousCalls
{
    private const int Calls = 50_000;

    private static readonly string[] s_orders = [.. Enumerable.Range(0, Calls).Select(static i => $"order-{i:000000}")];

    private IdempotencyGuard _guard = null!;

    [IterationSetup]
    public void Empty() => _guard = IdempotencyGuard.Create(new MemoryStore());

    // Blocks while its calls run elsewhere: a comparison takes the ways one after the other.
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void Bare() => RunAsync(static (calls, order) => calls.ShipBareAsync(order)).GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Guarded() => RunAsync(static (calls, order) => calls.ShipAsync(order)).GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Calls)]
    public void GuardedAtOnce() => RunAsync(static (calls, order) => calls.ShipAtOnceAsync(order)).GetAwaiter().GetResult();

    [Idempotent(Name = "benchmarks.ship")]
    private partial ValueTask<int> ShipAsync(string order);

    [Idempotent(Name = "benchmarks.shipAtOnce")]
    private partial ValueTask<int> ShipAtOnceAsync(string order);

#pragma warning disable IDEM032 // measured against the guarded one
    private ValueTask<int> ShipBareAsync(string order) => ShipCoreAsync(order);
#pragma warning restore IDEM032

    private static async ValueTask<int> ShipCoreAsync(string order)
    {
        await Task.Yield();
        return order.Length;
    }

    private static ValueTask<int> ShipAtOnceCoreAsync(string order) => new(order.Length);

    private async Task RunAsync(Func<AsynchronousCalls, string, ValueTask<int>> call)
    {
        foreach (var order in s_orders)
        {
            await call(this, order);
        }
    }
}
