using Idempotency.Storage;
using Idempotency.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Idempotency.HealthChecks.Tests;

public sealed class StoreHealthCheckTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FaultInjectingStore _store = new(new MemoryStore());
    private readonly FaultInjectingStore _payments = new(new MemoryStore());

    [Fact]
    public async Task A_store_that_answers_is_healthy_and_nothing_was_written()
    {
        var entry = await CheckAsync(checks => checks.AddIdempotencyStore());

        Assert.Equal((HealthStatus.Healthy, "The idempotency store answers."), (entry.Status, entry.Description));
        Assert.Equal(StoreOperation.Get, Assert.Single(_store.Calls).Operation);
    }

    [Fact]
    public async Task A_store_that_throws_is_unhealthy_and_the_report_says_why_and_what_to_do()
    {
        _store.Failure = static _ => new IOException("Connection refused.");
        _store.FailAlways(StoreOperation.Get);

        var entry = await CheckAsync(checks => checks.AddIdempotencyStore());

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal(
            "The idempotency store does not answer, and guarded calls are refused: Connection refused. Look at the server and at how it is reached.",
            entry.Description);
        Assert.IsType<IOException>(Assert.IsType<StoreUnavailableException>(entry.Exception).InnerException);
    }

    [Fact]
    public async Task A_store_that_hangs_is_unhealthy_when_its_time_is_over()
    {
        _store.FailAlways(StoreOperation.Get, StoreFault.Vanished);

        var check = CheckAsync(checks => checks.AddIdempotencyStore(timeout: TimeSpan.FromSeconds(1)));
        var entry = await AdvanceUntilDoneAsync(check, TimeSpan.FromSeconds(1));

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("did not answer within 00:00:01", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_hangs_does_not_hang_a_check_without_a_time_limit()
    {
        _store.FailAlways(StoreOperation.Get, StoreFault.Vanished);

        var check = CheckAsync(checks => checks.AddIdempotencyStore());
        var entry = await AdvanceUntilDoneAsync(check, new IdempotencyOptions().StoreTimeout);

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("does not answer", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_blocks_its_caller_does_not_hang_the_check()
    {
        using var released = new ManualResetEventSlim();
        _store.Plan = _ =>
        {
            released.Wait();
            return StoreFault.None;
        };

        var check = CheckAsync(checks => checks.AddIdempotencyStore(timeout: TimeSpan.FromSeconds(1)));
        var entry = await AdvanceUntilDoneAsync(check, TimeSpan.FromSeconds(1));

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        released.Set();
    }

    [Fact]
    public async Task Every_store_has_a_check_of_its_own()
    {
        _payments.FailAlways(StoreOperation.Get);

        var report = await ReportAsync(checks => checks
            .AddIdempotencyStore()
            .AddIdempotencyStore("payments", "idempotency-payments", HealthStatus.Degraded, ["ready"]));

        Assert.Equal(HealthStatus.Healthy, report.Entries["idempotency"].Status);
        Assert.Equal(HealthStatus.Degraded, report.Entries["idempotency-payments"].Status);
        Assert.StartsWith("The idempotency store 'payments'", report.Entries["idempotency-payments"].Description, StringComparison.Ordinal);
        Assert.Equal(["ready"], report.Entries["idempotency-payments"].Tags);
    }

    [Fact]
    public async Task A_store_that_is_not_registered_is_unhealthy_and_the_report_says_which_are()
    {
        var entry = await CheckAsync(checks => checks.AddIdempotencyStore("orders"));

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("No idempotency store is named 'orders'", entry.Description, StringComparison.Ordinal);
        Assert.Contains("'payments'", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_is_refused_at_once()
    {
        var checks = new ServiceCollection().AddHealthChecks();

        Assert.Throws<ArgumentException>(() => checks.AddIdempotencyStore(storeName: " "));
        Assert.Throws<ArgumentException>(() => checks.AddIdempotencyStore(name: ""));
        Assert.Throws<ArgumentOutOfRangeException>(() => checks.AddIdempotencyStore(timeout: TimeSpan.Zero));
    }

    private async Task<HealthReportEntry> CheckAsync(Action<IHealthChecksBuilder> add) => (await ReportAsync(add)).Entries.Values.Single();

    private async Task<HealthReport> ReportAsync(Action<IHealthChecksBuilder> add)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time);
        services.AddIdempotency().UseStore(_ => _store).AddStore("payments", store => store.UseStore(_ => _payments));
        add(services.AddHealthChecks());
        await using var provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
    }

    /// <summary>Lets time pass again and again, since the check may not have begun to wait yet.</summary>
    private async Task<HealthReportEntry> AdvanceUntilDoneAsync(Task<HealthReportEntry> check, TimeSpan time)
    {
        while (!check.IsCompleted)
        {
            _time.Advance(time);
            await Task.Yield();
        }

        return await check;
    }
}
