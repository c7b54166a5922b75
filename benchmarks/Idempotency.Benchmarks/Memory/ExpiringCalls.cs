using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>First calls of which 50,000 are remembered at a time, beside first calls that are all remembered.</summary>
[InvocationCount(1, 1)]
public class ExpiringCalls
{
    private const int Calls = 200_000, Live = 50_000;

    private static readonly TimeSpan s_step = TimeSpan.FromMicroseconds(100);
    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    private static readonly string[] s_orders = [.. Enumerable.Range(0, Calls).Select(static i => $"order-{i:000000}")];

    private SteppingTime _time = null!;
    private Charges _kept = null!;
    private Charges _expiring = null!;

    [IterationSetup]
    public void Empty()
    {
        _time = new SteppingTime();
        _kept = Make(TimeSpan.FromDays(1));
        _expiring = Make(Live * s_step);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void AllRemembered() => Run(_kept);

    [Benchmark(OperationsPerInvoke = Calls)]
    public void FewRemembered() => Run(_expiring);

    private Charges Make(TimeSpan ttl) =>
        new(IdempotencyGuard.Create(new MemoryStore(timeProvider: _time), new IdempotencyOptions { DefaultTtl = ttl }, _time));

    private void Run(Charges charges)
    {
        foreach (var order in s_orders)
        {
            _time.Ticks += s_step.Ticks;
            Charges.ResultOf(charges.ChargeAsync(42, 12.50m, order, s_requestId));
        }
    }

    /// <summary>A clock that the calls move.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }
}
