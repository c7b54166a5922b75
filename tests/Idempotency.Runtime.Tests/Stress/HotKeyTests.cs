using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace Idempotency.Runtime.Tests.Stress;

/// <summary>Real threads on few keys, in real time. What they find is not repeatable; that they find nothing is worth having.</summary>
[Trait("Category", "Stress")]
public sealed class HotKeyTests
{
    private const int Callers = 64;

    [Fact]
    public async Task Sixty_four_threads_on_eight_hot_keys_run_every_body_once_and_all_get_the_same()
    {
        using var hour = new RushHour(TimeSpan.FromSeconds(10));

        await Threads.AtOnceAsync(Callers, async caller =>
        {
            await hour.CallUntilItEndsAsync(caller);
            return caller;
        });

        Assert.Empty(hour.Contradictions);
        Assert.NotEmpty(hour.Keys);
        Assert.All(hour.Keys, key => Assert.Equal(1 + hour.FailuresOf(key), hour.StartsOf(key)));
    }

    [Fact]
    public async Task Of_many_callers_at_one_gate_one_runs_the_body_and_the_others_are_refused()
    {
        var operation = new IdempotentOperation<int>("stress.gate") { OnDuplicate = OnDuplicate.Throw };
        using var guard = IdempotencyGuard.Create(new MemoryStore());

        for (var round = 0; round < 50; round++)
        {
            var starts = 0;
            var winners = await Threads.AtOnceAsync(Callers, async _ =>
            {
                try
                {
                    return await guard.RunAsync(operation, $"round {round}", _ => Task.FromResult(Interlocked.Increment(ref starts)));
                }
                catch (DuplicateOperationException)
                {
                    return 0;
                }
            });

            Assert.Equal(1, starts);
            Assert.Single(winners, 1);
            Assert.Equal(Callers - 1, winners.Count(static winner => winner == 0));
        }
    }

    [Fact]
    public async Task Exactly_one_waiter_takes_over_when_the_owner_frees_the_key()
    {
        const int Waiters = 100;
        var operation = new IdempotentOperation<int>("stress.takeover") { OnDuplicate = OnDuplicate.Wait };
        var store = new WaitingRoom(new MemoryStore(), Waiters);
        using var guard = IdempotencyGuard.Create(store);
        var starts = 0;

        async Task<int> RunAsync()
        {
            if (Interlocked.Increment(ref starts) is var start && start > 1)
            {
                return start;
            }

            await store.Full;
            throw new InvalidOperationException("The first owner fails.");
        }

        var first = guard.RunAsync(operation, "key", _ => RunAsync());
        var waiters = Enumerable.Range(0, Waiters).Select(_ => guard.RunAsync(operation, "key", _ => RunAsync())).ToList();

        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        Assert.All(await Task.WhenAll(waiters), static result => Assert.Equal(2, result));
        Assert.Equal(2, starts);
    }

    [Fact]
    public async Task A_thousand_waiters_on_one_key_block_no_thread_and_the_next_is_refused()
    {
        var waiters = new IdempotencyOptions().MaxWaitersPerKey;
        var operation = new IdempotentOperation<int>("stress.waiters") { OnDuplicate = OnDuplicate.Wait };
        var store = new WaitingRoom(new MemoryStore(), waiters);
        using var guard = IdempotencyGuard.Create(store);
        var outcome = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<int> Call() => guard.RunAsync(operation, "key", _ => outcome.Task);

        // All calls are made by this one thread: it comes this far only because none of them blocks it.
        var owner = Call();
        var waiting = Enumerable.Range(0, waiters).Select(_ => Call()).ToList();
        Assert.True(store.Full.IsCompleted);
        Assert.All(waiting, static call => Assert.False(call.IsCompleted));
        await Assert.ThrowsAsync<OperationInProgressException>(Call);

        outcome.SetResult(7);
        Assert.Equal(7, await owner);
        Assert.All(await Task.WhenAll(waiting), static result => Assert.Equal(7, result));
    }

    /// <summary>Callers in several processes, so to speak, that all want the same few keys, and new ones every few milliseconds.</summary>
    private sealed class RushHour : IDisposable
    {
        private const int HotKeys = 8;
        private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(50);

        private readonly IdempotentOperation<int> _operation = new("stress.hot") { OnDuplicate = OnDuplicate.Wait, ResultIsImmutable = true };
        private readonly IdempotencyGuard[] _guards;
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly TimeSpan _length;
        private readonly ConcurrentDictionary<string, int> _starts = new();
        private readonly ConcurrentDictionary<string, int> _failures = new();
        private readonly ConcurrentDictionary<string, int> _answers = new();
        private int _runs;

        public RushHour(TimeSpan length)
        {
            var store = new MemoryStore();
            _length = length;
            _guards = [.. Enumerable.Range(0, 4).Select(_ => IdempotencyGuard.Create(store))];
        }

        public ConcurrentQueue<string> Contradictions { get; } = [];

        public IEnumerable<string> Keys => _answers.Keys;

        public int StartsOf(string key) => _starts.GetValueOrDefault(key);

        public int FailuresOf(string key) => _failures.GetValueOrDefault(key);

        public async Task CallUntilItEndsAsync(int caller)
        {
            for (var i = 0; _clock.Elapsed < _length; i++)
            {
                var key = $"{_clock.Elapsed.Ticks / s_round.Ticks}/{(caller + i) % HotKeys}";
                try
                {
                    var result = await _guards[caller % _guards.Length].RunAsync(_operation, key, context => RunAsync(key, context));
                    if (_answers.GetOrAdd(key, result) is var first && first != result)
                    {
                        Contradictions.Enqueue($"{key}: {first} and {result}");
                    }
                }
                catch (FirstAttemptException)
                {
                    // The key is free again; another caller, or this one, takes over.
                }
            }
        }

        public void Dispose() => Array.ForEach(_guards, static guard => guard.Dispose());

        private async Task<int> RunAsync(string key, IdempotencyContext context)
        {
            _starts.AddOrUpdate(key, 1, static (_, starts) => starts + 1);
            var result = Interlocked.Increment(ref _runs);
            await Task.Yield();
            if (context.Attempt == 1 && result % 3 == 0)
            {
                _failures.AddOrUpdate(key, 1, static (_, failures) => failures + 1);
                throw new FirstAttemptException();
            }

            return result;
        }

        private sealed class FirstAttemptException : Exception;
    }
}
