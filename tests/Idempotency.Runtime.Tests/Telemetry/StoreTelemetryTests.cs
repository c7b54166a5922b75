using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Idempotency.Runtime.Tests.Guard;
using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Idempotency.Runtime.Tests.Telemetry;

/// <summary>How long stores take to answer. Every test has meters of its own, so that what it does not listen to is really off.</summary>
public sealed class StoreTelemetryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FaultInjectingStore _store;

    public StoreTelemetryTests() => _store = new FaultInjectingStore(new MemoryStore(timeProvider: _time));

    [Fact]
    public async Task Every_call_of_a_store_is_measured_by_what_was_asked_for()
    {
        await using var services = Services();
        using var measured = new Measurements(services);
        var guard = services.GetRequiredService<IdempotencyGuard>();
        var records = services.GetRequiredService<IdempotencyOperator>();
        var operation = new IdempotentOperation<int>("measured");
        string key = "";

        await guard.RunAsync(operation, "one", context => Task.FromResult((key = context.Key).Length));
        await guard.RunAsync(operation, "one", _ => Task.FromResult(1));
        await Assert.ThrowsAsync<FormatException>(() => guard.RunAsync<int>(operation, "two", _ => throw new FormatException()));
        var gate = new Gate();
        var running = guard.RunAsync(operation, "three", async _ =>
        {
            await gate.PassAsync();
            return 1;
        });
        _time.Advance(TimeSpan.FromSeconds(15));
        gate.Open();
        await running;
        var record = await records.FindAsync("measured", key);
        await records.ResolveAsync(record!, Resolution.Release(ownerIsDead: true), "a test");

        Assert.Equal(
            ["claim", "complete", "claim", "claim", "release", "claim", "renew", "complete", "get", "resolve"],
            measured.All.Select(static m => Operation(m.Tags)));
        Assert.All(measured.All, static m => Assert.Equal(["idempotency.store.operation"], m.Tags.Keys));
    }

    [Fact]
    public async Task A_named_store_is_told_from_the_others()
    {
        await using var services = Services();
        using var measured = new Measurements(services);

        await services.GetRequiredService<IdempotencyGuard>().RunAsync(
            new IdempotentOperation<int>("named") { Store = "payments" }, "key", _ => Task.FromResult(1));

        Assert.Equal(["payments", "payments"], measured.All.Select(static m => m.Tags.GetValueOrDefault("idempotency.store.name")));
    }

    [Fact]
    public async Task A_call_that_fails_tells_its_error_and_the_guard_goes_on()
    {
        await using var services = Services();
        using var measured = new Measurements(services);
        _store.FailAt(StoreOperation.Complete, 1, StoreFault.AnswerLost);
        var call = services.GetRequiredService<IdempotencyGuard>().RunAsync(new IdempotentOperation<int>("failing"), "key", _ => Task.FromResult(1));
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, await call);
        Assert.Equal([null, typeof(IOException).FullName, null], measured.All.Select(static m => m.Tags.GetValueOrDefault("error.type")));
    }

    [Fact]
    public async Task A_store_that_hangs_is_measured_until_its_deadline_in_seconds()
    {
        await using var services = Services();
        using var measured = new Measurements(services);
        _store.FailAt(StoreOperation.Get, 1, StoreFault.Vanished);
        var call = services.GetRequiredService<IdempotencyOperator>().FindAsync("hanging", new string('0', 64));
        _time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => call);
        var (seconds, tags) = Assert.Single(measured.All);
        Assert.Equal((5.0, "get", typeof(TimeoutException).FullName), (seconds, Operation(tags), tags["error.type"]));
    }

    [Fact]
    public async Task Abandoning_is_measured_too()
    {
        await using var services = Services();
        using var measured = new Measurements(services);
        using var cancellation = new CancellationTokenSource();
        _store.FailAt(StoreOperation.Claim, 1, StoreFault.Vanished);
        var call = services.GetRequiredService<IdempotencyGuard>().RunAsync(
            new IdempotentOperation<int>("abandoned"), "key", _ => Task.FromResult(1), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(["claim", "abandon"], measured.All.Select(static m => Operation(m.Tags)));
    }

    private static string Operation(Dictionary<string, object?> tags) => (string)tags["idempotency.store.operation"]!;

    private ServiceProvider Services()
    {
        var services = new ServiceCollection().AddMetrics().AddSingleton<TimeProvider>(_time);
        services.AddIdempotency().UseStore(_ => _store).AddStore("payments", store => store.UseStore(_ => _store));
        return services.BuildServiceProvider();
    }

    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(double Seconds, Dictionary<string, object?> Tags)> _all = new();

        public Measurements(IServiceProvider services)
        {
            var meters = services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == IdempotencyDiagnostics.StoreOperationDuration)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => _all.Enqueue((value, tags.ToArray().ToDictionary())));
            _listener.Start();
        }

        public IReadOnlyList<(double Seconds, Dictionary<string, object?> Tags)> All => [.. _all];

        public void Dispose() => _listener.Dispose();
    }
}
