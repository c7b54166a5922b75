using System.Diagnostics;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>What a call on a memory store leaves in its caller's flow of control: nothing.</summary>
public sealed class ShortWayFlowTests : IDisposable
{
    private static readonly AsyncLocal<string?> s_callers = new();

    private readonly MemoryStore _store = new();
    private readonly IdempotencyGuard _guard;

    public ShortWayFlowTests() => _guard = IdempotencyGuard.Create(_store);

    public void Dispose() => _guard.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_body_changes_before_its_first_await_is_not_its_callers(bool isSuppressed)
    {
        var mine = new SynchronizationContext();
        SynchronizationContext.SetSynchronizationContext(mine);
        s_callers.Value = "caller's";
        using var flow = isSuppressed ? ExecutionContext.SuppressFlow() : default;

        var call = _guard.RunAsync(new IdempotentOperation<int>("flow.changed") { ResultIsImmutable = true }, "key", static _ =>
        {
            s_callers.Value = "body's";
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            return Task.FromResult(1);
        });

        Assert.True(call.IsCompletedSuccessfully);
        Assert.Equal("caller's", s_callers.Value);
        Assert.Same(mine, SynchronizationContext.Current);
        Assert.Null(IdempotencyContext.Current);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    [Fact]
    public async Task A_replayed_failure_leaves_no_activity_behind()
    {
        var operation = new IdempotentOperation<int>("flow.failed") { OnFailure = OnFailure.Lock };
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == IdempotencyDiagnostics.SourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllData,
        };
        var stopped = 0;
        listener.ActivityStopped = activity => stopped += activity.OperationName == operation.Name ? 1 : 0;
        ActivitySource.AddActivityListener(listener);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => _guard.RunAsync(operation, "key", static _ => throw new InvalidOperationException("no")));
            Assert.Null(Activity.Current);
        }

        Assert.Equal(3, stopped);
    }

    [Fact]
    public async Task Bodies_that_start_the_next_one_and_leave_it_running_are_not_kept_by_it()
    {
        const int Links = 20;
        var operation = new IdempotentOperation<int>("flow.chain") { ResultIsImmutable = true };
        var contexts = new WeakReference[Links + 1];
        var ended = Enumerable.Range(0, Links + 1).Select(static _ => new TaskCompletionSource()).ToArray();
        var (isLast, end) = (new TaskCompletionSource(), new TaskCompletionSource());

        async Task StartAsync(int number)
        {
            await _guard.RunAsync(operation, $"link {number}", context =>
            {
                contexts[number] = new WeakReference(context);
                if (number < Links)
                {
                    _ = Task.Run(async () =>
                    {
                        await ended[number].Task; // in a flow that carries the ended body along
                        await StartAsync(number + 1);
                    });
                    return Task.FromResult(number);
                }

                isLast.SetResult();
                return end.Task.ContinueWith(_ => number, TaskScheduler.Default);
            });
            ended[number].SetResult();
        }

        await StartAsync(0);
        await isLast.Task;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var kept = contexts.Count(static context => context.IsAlive);
        end.SetResult();
        await ended[Links].Task;

        Assert.InRange(kept, 1, 4); // the last, and what is on its way to its end
    }
}
