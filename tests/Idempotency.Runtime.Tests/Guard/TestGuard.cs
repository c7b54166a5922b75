using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>A guard on a memory store whose time and faults a test controls, and a body that counts its runs.</summary>
internal sealed class TestGuard : IDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Ttl = TimeSpan.FromHours(1);

    private int _runs;

    public TestGuard(Action<IdempotencyOptions>? configure = null, bool keepsObjects = true)
    {
        // Continuations run inline in the thread that advances time only where no context asks for another.
        SynchronizationContext.SetSynchronizationContext(null);
        var options = new IdempotencyOptions { DefaultLease = Lease, DefaultTtl = Ttl };
        configure?.Invoke(options);
        Memory = new MemoryStore(timeProvider: Time);
        Store = new FaultInjectingStore(Memory) { KeepsObjects = keepsObjects };
        Guard = IdempotencyGuard.Create(Store, options, Time, Logs);
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryStore Memory { get; }

    public FaultInjectingStore Store { get; }

    /// <summary>The token of every claim so far.</summary>
    public IReadOnlyList<OwnerToken> ClaimingTokens =>
        [.. Store.Calls.Where(static call => call.Operation == StoreOperation.Claim).Select(static call => call.Token!.Value)];

    public LogCollector Logs { get; } = new();

    public IdempotencyGuard Guard { get; }

    /// <summary>How often a body was started.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>A body that returns the number of its run.</summary>
    public Task<int> CountAsync(IdempotencyContext context) => Task.FromResult(Interlocked.Increment(ref _runs));

    /// <summary>Calls the operation with the counting body.</summary>
    public Task<int> CallAsync(IdempotentOperation<int> operation, string key = "key", CancellationToken cancellationToken = default) =>
        Guard.RunAsync(operation, key, CountAsync, cancellationToken);

    /// <summary>Calls the operation with a body that counts its run and then does something else.</summary>
    public Task<int> CallAsync(
        IdempotentOperation<int> operation, Func<IdempotencyContext, Task> body, string key = "key", CancellationToken cancellationToken = default) =>
        Guard.RunAsync(
            operation,
            key,
            async context =>
            {
                var run = Interlocked.Increment(ref _runs);
                await body(context);
                return run;
            },
            cancellationToken);

    /// <summary>Lets time pass in steps short enough for every renewal to happen on time.</summary>
    public void PassRenewing(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            Time.Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        }
    }

    public void Dispose() => Guard.Dispose();
}
