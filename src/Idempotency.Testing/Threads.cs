using System.Collections.Concurrent;

namespace Idempotency.Testing;

/// <summary>Calls that are made at the same moment.</summary>
internal static class Threads
{
    /// <summary>Runs the calls on as many threads, all let go together.</summary>
    public static async Task<IReadOnlyCollection<T>> AtOnceAsync<T>(int callers, Func<int, Task<T>> call)
    {
        using var gate = new Barrier(callers);
        var answers = new ConcurrentBag<T>();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Factory.StartNew(
            () =>
            {
                gate.SignalAndWait();
                answers.Add(call(caller).GetAwaiter().GetResult());
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))).ConfigureAwait(false);
        return answers;
    }
}
