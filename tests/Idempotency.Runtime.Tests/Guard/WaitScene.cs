using System.Diagnostics;
using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>Guards on one memory store, and calls that say which run of the body they got the result of.</summary>
internal sealed class WaitScene : IDisposable
{
    /// <summary>After which a test fails rather than hang.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    public static readonly IdempotentOperation<string> Wait = new("test.wait") { ResultIsImmutable = true, OnDuplicate = OnDuplicate.Wait };
    public static readonly IdempotentOperation<string> Brief = Waiting(seconds: 10);
    public static readonly IdempotentOperation<string> Patient = Waiting(seconds: 100);

    private readonly MemoryStore _store;
    private readonly List<IdempotencyGuard> _guards = [];
    private int _runs;

    public WaitScene()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        _store = new MemoryStore(timeProvider: Time);
    }

    public FakeTimeProvider Time { get; } = new();

    public static IdempotentOperation<string> Waiting(int seconds) =>
        new("test.wait") { ResultIsImmutable = true, OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromSeconds(seconds) };

    public IdempotencyGuard NewGuard(Action<IdempotencyOptions>? configure = null, TimeProvider? time = null, MemoryStore? store = null)
    {
        var options = new IdempotencyOptions { DefaultLease = Lease };
        configure?.Invoke(options);
        var guard = IdempotencyGuard.Create(store ?? _store, options, time ?? Time);
        _guards.Add(guard);
        return guard;
    }

    /// <summary>A call that fails rather than hang.</summary>
    public Task<string> CallAsync(
        IdempotencyGuard guard, IdempotentOperation<string> operation, Func<Task>? body = null, int cart = 1, CancellationToken cancellationToken = default) =>
        StartAsync(guard, operation, body, cart, cancellationToken).AsTask().WaitAsync(Limit, CancellationToken.None);

    public ValueTask<string> StartAsync(
        IdempotencyGuard guard, IdempotentOperation<string> operation, Func<Task>? body, int cart, CancellationToken cancellationToken)
    {
        var key = new KeyWriter(operation.KeyHeader, stackalloc byte[256]);
        key.Add("key");
        key.BeginFingerprint();
        key.Add(cart);
        return guard.RunAsync(
            operation,
            ref key,
            body,
            async (body, _) =>
            {
                var run = Interlocked.Increment(ref _runs);
                await (body?.Invoke() ?? Task.CompletedTask);
                return $"run {run}";
            },
            cancellationToken);
    }

    /// <summary>Lets time pass in steps short enough for every renewal to happen on time.</summary>
    public void PassRenewing(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Until so many timers are set: who was woken goes on elsewhere, and time must not pass before it waits again.</summary>
    public async Task UntilAsync(int timers)
    {
        for (var started = Stopwatch.GetTimestamp(); Time.ActiveTimers != timers; await Task.Yield())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Limit, $"{Time.ActiveTimers} timers, not {timers}.");
        }
    }

    public void Dispose() => _guards.ForEach(static guard => guard.Dispose());

    /// <summary>A clock that has no timer for a while, as where memory is short, or no time.</summary>
    internal sealed class BrokenClock(FakeTimeProvider time) : TimeProvider
    {
        public int Refusals { get; set; }

        public int Failures { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => Failures-- > 0 ? throw new InvalidOperationException("The clock has stopped.") : time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Refusals-- > 0 ? throw new InvalidOperationException("No timer can be had.") : time.CreateTimer(callback, state, dueTime, period);
    }
}
