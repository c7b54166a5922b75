using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Idempotency.Runtime.Tests.Guard;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Idempotency.Runtime.Tests.Telemetry;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Every_call_is_counted_once_by_operation_and_outcome()
    {
        using var test = new TestGuard(options => options.BackgroundCompletion = TimeSpan.Zero);
        using var metrics = new Metrics();
        var (operation, wait) = (Operation<int>("counted"), Operation<int>("counted.wait", OnDuplicate.Wait));
        var refusing = Operation<int>("counted.throw", OnDuplicate.Throw);
        var gate = new Gate();

        await test.CallAsync(operation);
        await test.CallAsync(operation);
        Assert.Equal(["executed", "replayed"], metrics.Outcomes("counted"));

        var owner = test.CallAsync(wait, _ => gate.PassAsync());
        await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(Operation<int>("counted.wait")));
        var waiter = test.CallAsync(wait);
        gate.Open();
        await Task.WhenAll(owner, waiter);
        Assert.Equal(["executed", "in_progress", "waited"], metrics.Outcomes("counted.wait"));
        Assert.Single(metrics.Waits);

        await test.CallAsync(refusing);
        await Assert.ThrowsAsync<DuplicateOperationException>(() => test.CallAsync(refusing));
        Assert.Equal(["duplicate", "executed"], metrics.Outcomes("counted.throw"));

        var failing = Operation<int>("counted.fail");
        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(failing, _ => throw new FormatException()));
        await Assert.ThrowsAsync<ReentrantOperationException>(() => test.CallAsync(failing, _ => test.CallAsync(failing)));
        Assert.Equal(["failed", "failed", "reentrant"], metrics.Outcomes("counted.fail"));

        test.Store.FailAlways(StoreOperation.Complete);
        var lost = test.CallAsync(Operation<int>("counted.lost"));
        test.PassRenewing(TestGuard.Lease * 2.5);
        await Assert.ThrowsAsync<OutcomeNotStoredException>(() => lost);
        Assert.Equal(["not_stored"], metrics.Outcomes("counted.lost"));

        test.Store.FailAlways(StoreOperation.Claim);
        var unreachable = test.CallAsync(Operation<int>("counted.down"));
        test.PassRenewing(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => unreachable);
        Assert.Equal(["unavailable"], metrics.Outcomes("counted.down"));
    }

    [Fact]
    public async Task Vanished_owners_show_as_take_overs_lost_leases_and_doubts()
    {
        using var test = new TestGuard();
        using var metrics = new Metrics();
        var (retry, hold) = (Operation<int>("vanished.retry"), new IdempotentOperation<int>("vanished.hold") { OnCrash = OnCrash.Hold });
        var gate = new Gate();
        var zombie = test.CallAsync(retry, _ => gate.PassAsync());
        _ = test.CallAsync(hold, _ => new TaskCompletionSource().Task);
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease);

        await test.CallAsync(retry);
        await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(hold));
        gate.Open();
        await Assert.ThrowsAsync<LeaseLostException>(() => zombie);

        Assert.Equal(["executed", "lease_lost"], metrics.Outcomes("vanished.retry"));
        Assert.Equal(["in_doubt"], metrics.Outcomes("vanished.hold"));
        Assert.Equal(["vanished.retry"], metrics.TakeOvers);
    }

    [Fact]
    public async Task Durations_are_in_seconds()
    {
        using var test = new TestGuard();
        using var metrics = new Metrics();
        var gate = new Gate();
        var call = test.CallAsync(Operation<int>("timed"), _ => gate.PassAsync());
        test.Time.Advance(TimeSpan.FromMilliseconds(1500));
        gate.Open();
        await call;

        Assert.Equal([1.5], metrics.Durations("timed"));
    }

    [Fact]
    public async Task There_is_one_span_a_call_with_its_operation_and_outcome()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == IdempotencyDiagnostics.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var test = new TestGuard();
        var operation = Operation<int>("traced");
        Activity? inside = null;

        await test.CallAsync(operation, _ => Task.FromResult(inside = Activity.Current));
        await test.CallAsync(operation);
        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(operation, _ => throw new FormatException("4111-1111"), "other"));

        var mine = spans.Where(span => span.OperationName == "traced").ToArray();
        Assert.Equal(["executed", "replayed", "failed"], mine.Select(span => span.GetTagItem(IdempotencyDiagnostics.OutcomeTag)));
        Assert.Same(mine[0], inside);
        Assert.Null(Activity.Current);
        Assert.Equal(ActivityStatusCode.Error, mine[2].Status);
        Assert.Equal("System.FormatException", mine[2].GetTagItem(IdempotencyDiagnostics.ErrorTag));
        Assert.DoesNotContain("4111", string.Join('|', mine.SelectMany(span => span.TagObjects).Select(tag => $"{tag.Key}={tag.Value}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_argument_and_no_whole_key_reaches_a_tag_a_log_or_a_message()
    {
        const string Secret = "4111-1111-1111-1111";
        using var test = new TestGuard();
        using var metrics = new Metrics();
        var operation = Operation<int>("secret");
        string key = "";
        test.Store.Plan = static call => call.OperationNumber % 2 == 1 ? StoreFault.AnswerLost : StoreFault.None;
        var call = test.CallAsync(operation, context => Task.FromResult(key = context.Key), Secret);
        test.PassRenewing(TimeSpan.FromSeconds(5));
        await call;
        test.Store.Heal();
        var nested = await Assert.ThrowsAsync<ReentrantOperationException>(
            () => test.CallAsync(operation, _ => test.CallAsync(operation, Secret + "2"), Secret + "2"));

        var everything = string.Join('\n', test.Logs.Entries.Select(entry => entry.Text)) + metrics.AllTags() + nested;
        Assert.DoesNotContain("4111", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(key, everything, StringComparison.Ordinal);
        Assert.Contains($"secret/{key[..8]}", everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_provider_that_throws_changes_no_call()
    {
        var store = new FaultInjectingStore(new MemoryStore());
        store.FailAt(StoreOperation.Complete, 1, StoreFault.AnswerLost);
        using var guard = IdempotencyGuard.Create(store, loggerFactory: new ThrowingLoggers());

        Assert.Equal(1, await guard.RunAsync(Operation<int>("logged"), "key", _ => Task.FromResult(1)));
    }

    [Fact]
    public async Task A_metrics_listener_that_throws_changes_no_call()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == IdempotencyDiagnostics.SourceName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => ThrowForMine(tags));
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => ThrowForMine(tags));
        listener.Start();
        using var test = new TestGuard();

        Assert.Equal(1, await test.CallAsync(Operation<int>("listened")));
        Assert.Equal(1, await test.CallAsync(Operation<int>("listened")));
        Assert.Contains(test.Logs.Entries, entry => entry.Id == 20);

        static void ThrowForMine(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.ToArray().Any(tag => "listened".Equals(tag.Value)))
            {
                throw new IOException("no collector");
            }
        }
    }

    private static IdempotentOperation<T> Operation<T>(string name, OnDuplicate onDuplicate = OnDuplicate.Return) => new(name) { OnDuplicate = onDuplicate };

    private sealed class ThrowingLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new IOException("no disk");

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.Debug ? true : throw new IOException("no disk");

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("no disk");

        public void Dispose()
        {
        }
    }

    private sealed class Metrics : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = new();

        public Metrics()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == IdempotencyDiagnostics.SourceName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.Start();
        }

        public IEnumerable<double> Waits => Of(IdempotencyDiagnostics.WaitDuration).Where(m => m.Operation.StartsWith("counted", StringComparison.Ordinal)).Select(m => m.Value);

        public IEnumerable<string> TakeOvers => Of(IdempotencyDiagnostics.TakeOvers).Select(m => m.Operation).Where(name => name.StartsWith("vanished", StringComparison.Ordinal));

        public IEnumerable<string> Outcomes(string operation) =>
            Of(IdempotencyDiagnostics.Executions).Where(m => m.Operation == operation).Select(m => m.Outcome!).Order(StringComparer.Ordinal);

        public IEnumerable<double> Durations(string operation) =>
            Of(IdempotencyDiagnostics.ExecutionDuration).Where(m => m.Operation == operation).Select(m => m.Value);

        public string AllTags() => string.Join('\n', _measured.SelectMany(m => m.Tags).Select(tag => $"{tag.Key}={tag.Value}"));

        public void Dispose() => _listener.Dispose();

        private IEnumerable<(string Operation, string? Outcome, double Value)> Of(string instrument) => _measured
            .Where(m => m.Instrument == instrument)
            .Select(m => ((string)m.Tags[IdempotencyDiagnostics.OperationTag]!, m.Tags.GetValueOrDefault(IdempotencyDiagnostics.OutcomeTag) as string, m.Value));

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _measured.Enqueue((instrument.Name, value, tags.ToArray().ToDictionary()));
    }
}
