using Idempotency.Runtime.Tests.Guard;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Transactions;

/// <summary>A guard on a database in memory, and a body that leaves an effect there.</summary>
internal sealed class TransactionTest : IDisposable
{
    public static readonly IdempotentOperation<int> Operation = new("test.transfer") { Transaction = typeof(Database.Transaction) };

    private int _runs;

    public TransactionTest(Action<IdempotencyOptions>? configure = null, params ITransactionAdapter[] adapters)
    {
        // Continuations run inline in the thread that advances time only where no context asks for another.
        SynchronizationContext.SetSynchronizationContext(null);
        Database = new Database(Time);
        var options = new IdempotencyOptions();
        configure?.Invoke(options);
        Guard = new IdempotencyGuard(_ => Database, static () => [], options, Time, Logs, meters: null, adapters);
    }

    public FakeTimeProvider Time { get; } = new();

    public LogCollector Logs { get; } = new();

    public Database Database { get; }

    public IdempotencyGuard Guard { get; }

    /// <summary>How often a body was started.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>Calls with a body that leaves one effect and returns the number of its run.</summary>
    public Task<int> CallAsync(
        IdempotentOperation<int>? operation = null, Func<IdempotencyContext, Task>? body = null, string key = "key", CancellationToken cancellationToken = default) =>
        Guard.RunAsync(
            operation ?? Operation,
            key,
            async context =>
            {
                var run = Interlocked.Increment(ref _runs);
                (context.GetTransaction<object>() as Database.Transaction)?.Add($"{key}#{run}");
                await (body?.Invoke(context) ?? Task.CompletedTask);
                return run;
            },
            cancellationToken);

    /// <summary>Lets time pass until a call has ended.</summary>
    public async Task<T> EndAsync<T>(Task<T> call)
    {
        await UntilAsync(() => call.IsCompleted);
        return await call;
    }

    /// <summary>Lets time pass until something is so.</summary>
    public async Task UntilAsync(Func<bool> isSo)
    {
        for (var steps = 0; !isSo(); steps++)
        {
            Assert.True(steps < 100_000, "It never came to that.");
            Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(steps % 100 == 99 ? 1 : 0); // what runs on the pool needs a moment, too
        }
    }

    public void Dispose() => Guard.Dispose();
}
