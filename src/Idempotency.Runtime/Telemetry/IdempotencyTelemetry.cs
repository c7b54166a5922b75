using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Idempotency.Telemetry;

/// <summary>Everything the guard tells about itself. A call is named in logs by its operation and the first digits of its key's hash.</summary>
/// <remarks>Whoever listens is the application's code and may throw anything; none of it may decide about an effect.</remarks>
internal sealed partial class IdempotencyTelemetry
{
    private static readonly ActivitySource s_activities = new(IdempotencyDiagnostics.SourceName);
    private static readonly Meter s_meter = new(IdempotencyDiagnostics.SourceName);

    /// <summary>A store answers in anything from a microsecond, in memory, to its deadline; the usual buckets are for milliseconds.</summary>
    private static readonly InstrumentAdvice<double> s_storeBuckets = new()
    {
        HistogramBucketBoundaries = [0.00001, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    };

    private readonly bool _logs;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Counter<long> _executions;
    private readonly Histogram<double> _durations;
    private readonly Histogram<double> _waits;
    private readonly Counter<long> _takeOvers;
    private readonly Histogram<double> _storeDurations;

    public IdempotencyTelemetry(TimeProvider time, ILoggerFactory? loggers, IMeterFactory? meters)
    {
        _time = time;
        _logs = loggers is not null;
        _logger = loggers is null ? NullLogger.Instance : new SilencedLogger(loggers.CreateLogger(IdempotencyDiagnostics.SourceName));
        var meter = meters?.Create(IdempotencyDiagnostics.SourceName) ?? s_meter;
        _executions = meter.CreateCounter<long>(IdempotencyDiagnostics.Executions, "{call}", "Calls of guarded operations.");
        _durations = meter.CreateHistogram<double>(IdempotencyDiagnostics.ExecutionDuration, "s", "How long calls of guarded operations took.");
        _waits = meter.CreateHistogram<double>(IdempotencyDiagnostics.WaitDuration, "s", "How long duplicates waited for another call.");
        _takeOvers = meter.CreateCounter<long>(IdempotencyDiagnostics.TakeOvers, "{takeover}", "Keys taken from owners whose lease was over.");
        _storeDurations = meter.CreateHistogram(
            IdempotencyDiagnostics.StoreOperationDuration, "s", "How long stores took to answer.", tags: null, s_storeBuckets);
    }

    /// <summary>Whether anybody would notice a call: of one that nobody does, nothing is noted.</summary>
    public bool IsObserved => s_activities.HasListeners() || _executions.Enabled || _durations.Enabled || LogsEnds;

    /// <summary>Whether it is logged how each call ended.</summary>
    public bool LogsEnds => _logs && _logger.IsEnabled(LogLevel.Debug);

    /// <summary>Whether anybody wants to know how long stores take. Until then nothing of it is done.</summary>
    public bool MeasuresStores => _storeDurations.Enabled;

    public CallSpan Begin(string operation)
    {
        Activity? activity = null;
        try
        {
            activity = s_activities.StartActivity(operation);
            activity?.SetTag(IdempotencyDiagnostics.OperationTag, operation);
        }
        catch (Exception failure)
        {
            ListenerFailed(failure);
        }

        return new CallSpan(this, operation, activity, _durations.Enabled ? _time.GetTimestamp() : null);
    }

    public void EndWait(string operation, long started)
    {
        try
        {
            _waits.Record(_time.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>(IdempotencyDiagnostics.OperationTag, operation));
        }
        catch (Exception failure)
        {
            ListenerFailed(failure);
        }
    }

    public void TookOver(string operation, object call, int attempt)
    {
        LogTakeOver(call, attempt);
        try
        {
            _takeOvers.Add(1, new KeyValuePair<string, object?>(IdempotencyDiagnostics.OperationTag, operation));
        }
        catch (Exception failure)
        {
            ListenerFailed(failure);
        }
    }

    /// <summary>A store has answered, or a call of it has failed.</summary>
    /// <param name="operation">What it was asked for.</param>
    /// <param name="store">Its name, where it has one.</param>
    /// <param name="started">The time provider's timestamp before it was asked.</param>
    /// <param name="failure">What was thrown instead of an answer.</param>
    public void StoreAnswered(string operation, string? store, long started, Exception? failure = null)
    {
        var tags = new TagList { { IdempotencyDiagnostics.StoreOperationTag, operation } };
        if (store is not null)
        {
            tags.Add(IdempotencyDiagnostics.StoreNameTag, store);
        }

        if (failure is not null)
        {
            tags.Add(IdempotencyDiagnostics.ErrorTag, failure.GetType().FullName);
        }

        try
        {
            _storeDurations.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
        }
        catch (Exception thrown)
        {
            ListenerFailed(thrown);
        }
    }

    private void End(in CallSpan span, string outcome, Exception? failure)
    {
        try
        {
            Measure(span, outcome, failure);
        }
        catch (Exception thrown)
        {
            ListenerFailed(thrown);
        }
    }

    private void Measure(in CallSpan span, string outcome, Exception? failure)
    {
        var tags = new TagList
        {
            { IdempotencyDiagnostics.OperationTag, span.Operation },
            { IdempotencyDiagnostics.OutcomeTag, outcome },
        };
        if (failure is not null)
        {
            tags.Add(IdempotencyDiagnostics.ErrorTag, failure.GetType().FullName);
        }

        using (span.Activity) // ends whatever a listener of the metrics throws
        {
            span.Activity?.SetTag(IdempotencyDiagnostics.OutcomeTag, outcome);
            if (failure is not null)
            {
                span.Activity?.SetTag(IdempotencyDiagnostics.ErrorTag, failure.GetType().FullName);
                span.Activity?.SetStatus(ActivityStatusCode.Error); // without the message, which may hold an argument
            }

            _executions.Add(1, tags);
            if (span.StartedAt is { } started)
            {
                _durations.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
            }
        }
    }

    /// <summary>One call, from its start to its outcome.</summary>
    internal readonly struct CallSpan(IdempotencyTelemetry telemetry, string operation, Activity? activity, long? startedAt)
    {
        public string Operation => operation;

        public Activity? Activity => activity;

        /// <summary>The time provider's timestamp; <see langword="null"/> when nobody measures durations.</summary>
        public long? StartedAt => startedAt;

        public void End(string outcome, Exception? failure = null) => telemetry.End(this, outcome, failure);
    }
}
