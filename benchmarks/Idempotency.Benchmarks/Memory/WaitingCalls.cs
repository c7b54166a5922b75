using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Callers that all want the same key while its body is running: everything that is allocated from the first call to the last result, by key.</summary>
[InvocationCount(1, 1)]
public partial class WaitingCalls
{
    private const int Keys = 1_000, FewKeys = 20;

    private static readonly string[] s_orders = [.. Enumerable.Range(0, Keys).Select(static i => $"order-{i:000000}")];

    private readonly ValueTask<int>[] _calls = new ValueTask<int>[1_000];
    private readonly TaskCompletionSource[] _gates = new TaskCompletionSource[Keys];
    private readonly CancellationTokenSource _caller = new();
    private IdempotencyGuard _guard = null!;

    [IterationSetup]
    public void Empty()
    {
        _guard = IdempotencyGuard.Create(new MemoryStore());
        for (var i = 0; i < Keys; i++)
        {
            _gates[i] = new();
        }
    }

    // Blocks while its calls run elsewhere: a comparison takes the ways one after the other.
    [Benchmark(Baseline = true, OperationsPerInvoke = Keys)]
    public void Bare() => RunAsync(Keys, callers: 1, static (calls, key) => calls.ShipBareAsync(key, s_orders[key])).GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Keys)]
    public void OneCaller() => RunAsync(Keys, callers: 1).GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Keys)]
    public void EightCallers() => RunAsync(Keys, callers: 8).GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = FewKeys)]
    public void ThousandCallers() => RunAsync(FewKeys, callers: 1_000).GetAwaiter().GetResult();

    [Idempotent(Name = "benchmarks.waiting", OnDuplicate = OnDuplicate.Wait)]
    private partial ValueTask<int> ShipAsync([IdempotencyIgnore] int gate, string order, CancellationToken cancellationToken = default);

#pragma warning disable IDEM032 // measured against the guarded one
    private ValueTask<int> ShipBareAsync(int gate, string order) => ShipCoreAsync(gate, order, _caller.Token);
#pragma warning restore IDEM032

    private async ValueTask<int> ShipCoreAsync(int gate, string order, CancellationToken cancellationToken)
    {
        await _gates[gate].Task.WaitAsync(cancellationToken);
        return order.Length;
    }

    private Task RunAsync(int keys, int callers) => RunAsync(keys, callers, static (calls, key) => calls.ShipAsync(key, s_orders[key]));

    private async Task RunAsync(int keys, int callers, Func<WaitingCalls, int, ValueTask<int>> call)
    {
        for (var key = 0; key < keys; key++)
        {
            for (var caller = 0; caller < callers; caller++)
            {
#pragma warning disable CA2012 // each is awaited once, below
                _calls[caller] = call(this, key);
#pragma warning restore CA2012
            }

            _gates[key].SetResult();
            for (var caller = 0; caller < callers; caller++)
            {
                await _calls[caller];
            }
        }
    }
}
