using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>A store's clock is the application's to give, and may fail: what a body has done must not be lost over it.</summary>
public sealed class FailingClockTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.clock") { ResultIsImmutable = true };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_fails_for_a_while_after_the_effect_loses_nothing(bool isDoneLater)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var time = new FakeTimeProvider();
        var clock = new FailingClock(time);
        using var guard = IdempotencyGuard.Create(new MemoryStore(timeProvider: clock), timeProvider: time);
        var gate = new TaskCompletionSource();
        var call = guard.RunAsync(s_operation, "key", async _ =>
        {
            await (isDoneLater ? gate.Task : Task.CompletedTask);
            clock.Fails = true;
            return 1;
        });
        gate.SetResult();
        Assert.False(call.IsCompleted);

        clock.Fails = false;
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, await call);
        Assert.Equal(1, await guard.RunAsync(s_operation, "key", static _ => Task.FromResult(2)));
    }

    [Fact]
    public async Task A_clock_that_has_failed_keeps_nobody_from_the_store()
    {
        var clock = new FailingClock(new FakeTimeProvider());
        var store = new MemoryStore(timeProvider: clock);
        var key = IdempotencyKey.FromCanonical("test.clock", "key"u8);
        var request = new ClaimRequest(OwnerToken.New(), TimeSpan.FromSeconds(30), OnCrash.Retry, default);
        clock.Fails = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.TryClaimAsync(key, request, CancellationToken.None).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.GetAsync(key, CancellationToken.None).AsTask());
        clock.Fails = false;

        var claim = Task.Factory.StartNew( // on a thread that certainly has no lock
            () => store.TryClaimAsync(key, request, CancellationToken.None).AsTask(),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();

        Assert.IsType<Claim.Acquired>(await claim.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private sealed class FailingClock(FakeTimeProvider time) : TimeProvider
    {
        public bool Fails { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => Fails ? throw new InvalidOperationException("The clock has stopped.") : time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => Fails ? throw new InvalidOperationException("The clock has stopped.") : time.GetUtcNow();
    }
}
