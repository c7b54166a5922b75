using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Idempotency;

namespace Payments;

/// <summary>Counts how guarded calls ended, from the metric that a dashboard would show.</summary>
public sealed class OutcomeCounter : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly MeterListener _listener = new();

    /// <summary>Starts to listen.</summary>
    public OutcomeCounter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == IdempotencyDiagnostics.SourceName && instrument.Name == IdempotencyDiagnostics.Executions)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Add(count, tags));
        _listener.Start();
    }

    /// <summary>How many calls ended like this.</summary>
    /// <param name="outcome">One of the values of <see cref="IdempotencyDiagnostics.OutcomeTag"/>.</param>
    public long this[string outcome] => _counts.GetValueOrDefault(outcome);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Add(long count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
        {
            if (name == IdempotencyDiagnostics.OutcomeTag && value is string outcome)
                _counts.AddOrUpdate(outcome, count, (_, before) => before + count);
        }
    }
}
