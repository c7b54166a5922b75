using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Memory;

/// <summary>Duplicates while somebody listens to the guard's metrics, beside duplicates that nobody watches.</summary>
public class ObservedCalls
{
    private const int Calls = 100_000;
    private const string Order = "order-123456";

    private static readonly Guid s_requestId = new("6f9619ff-8b86-d011-b42d-00cf4fc964ff");

    private readonly Charges _charges = new(IdempotencyGuard.Create(new MemoryStore()));
    private Receipt? _last;
    private long _seen;

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void Unwatched()
    {
        for (var i = 0; i < Calls; i++)
        {
            _last = Charges.ResultOf(_charges.ChargeAsync(42, 12.50m, Order, s_requestId));
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Counted()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == IdempotencyDiagnostics.Executions)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => _seen += value);
        listener.Start();
        Unwatched();
    }
}
