using Idempotency.Keys;

namespace Idempotency.Testing;

public static partial class OnceAssert
{
    /// <summary>More calls of the store than any one call makes: where there are as many, something repeats without end.</summary>
    private const int MostStoreCalls = 1000;

    /// <summary>For calls that never end, on the real clock.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Asserts that the effect happens as often as the crash policy promises, wherever the process dies: just before and just after every
    /// call of the store, one process after another, each restarted on the same records when the dead one's lease is over.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Under <see cref="OnCrash.Hold"/> there is at most one effect, always. Under <see cref="OnCrash.Retry"/> there may be one more for each
    /// process that died between its effect and the moment at which the store had the outcome, and the last process must get a result. All
    /// processes that get a result must get the same.
    /// </para>
    /// <para>
    /// One process dies, at every point, and then two do, at every pair of points; the next one lives. The guards' time passes only while no process runs; a body that waits for
    /// time must use another clock.
    /// </para>
    /// </remarks>
    /// <param name="build">Makes what is tested, on a guard; called once for each process.</param>
    /// <param name="call">Makes the call, with the same arguments each time.</param>
    /// <param name="effects">How many effects there were so far, such as charges that a fake gateway counted.</param>
    /// <param name="onCrash">The crash policy of the operation that is called.</param>
    /// <param name="options">The guards' options; the defaults when absent.</param>
    /// <returns>How many crashes were tried.</returns>
    /// <exception cref="OnceAssertionException">The promise broke; the message says at which calls of the store the processes had died.</exception>
    public static async Task<int> HasOneEffectUnderCrashesAsync<TSystem, TResult>(
        Func<IdempotencyGuard, TSystem> build,
        Func<TSystem, Task<TResult>> call,
        Func<int> effects,
        OnCrash onCrash,
        IdempotencyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(effects);
        var points = new List<CrashPoint>();
        for (var point = CrashPoint.First; await SurvivesAsync(point).ConfigureAwait(false); point = point.Next())
        {
            points.Add(point); // the simplest story first, in case the promise breaks
        }

        if (points.Count == 0)
        {
            throw new OnceAssertionException("The call ended without asking a store; no guard runs it.");
        }

        var crashes = points.Count;
        foreach (var first in points)
        {
            for (var second = CrashPoint.First; await SurvivesAsync(first, second).ConfigureAwait(false); second = second.Next())
            {
                crashes += 2;
            }
        }

        return crashes;

        // False when the last of the deaths did not come about.
        async Task<bool> SurvivesAsync(params CrashPoint[] deaths)
        {
            var world = new CrashWorld<TSystem, TResult>(build, call, effects, onCrash, options);
            var died = false;
            foreach (var death in deaths)
            {
                died = await world.DieAsync(death).ConfigureAwait(false);
            }

            await world.LiveAsync().ConfigureAwait(false);
            return died;
        }
    }

    /// <inheritdoc cref="HasOneEffectUnderCrashesAsync{TSystem, TResult}"/>
    public static Task<int> HasOneEffectUnderCrashesAsync<TSystem>(
        Func<IdempotencyGuard, TSystem> build, Func<TSystem, Task> call, Func<int> effects, OnCrash onCrash, IdempotencyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(call);
        return HasOneEffectUnderCrashesAsync(build, WithoutResult(call), effects, onCrash, options);
    }

    /// <summary>A process dies just before its n-th call of the store arrives, or just after it was applied.</summary>
    private readonly record struct CrashPoint(int Number, bool IsApplied)
    {
        public static CrashPoint First => new(1, IsApplied: false);

        public CrashPoint Next() => Number >= MostStoreCalls
            ? throw new OnceAssertionException($"One call makes more than {MostStoreCalls} calls of the store; something in it repeats without end.")
            : IsApplied ? new CrashPoint(Number + 1, IsApplied: false) : this with { IsApplied = true };
    }

    /// <summary>The records, the clock, and the processes that died so far.</summary>
    private sealed class CrashWorld<TSystem, TResult>(
        Func<IdempotencyGuard, TSystem> build, Func<TSystem, Task<TResult>> call, Func<int> effects, OnCrash onCrash, IdempotencyOptions? options)
    {
        private readonly FakeTimeProvider _time = new();
        private readonly List<string> _deaths = [];
        private readonly List<TResult> _results = [];
        private readonly int _before = effects();
        private MemoryStore? _records;
        private int _allowed = 1;

        private MemoryStore Records => _records ??= new MemoryStore(timeProvider: _time);

        /// <summary>Runs a process that dies at a point. <see langword="false"/> when its call ended before it got there.</summary>
        public async Task<bool> DieAsync(CrashPoint point)
        {
            var death = new TaskCompletionSource<StoreCall>(TaskCreationOptions.RunContinuationsAsynchronously);
            var store = new FaultInjectingStore(Records, _time)
            {
                Plan = called => called.Number < point.Number
                    ? StoreFault.None
                    : called.Number == point.Number && point.IsApplied ? StoreFault.Silent : StoreFault.Vanished,
                Before = called => Note(called, isApplied: false),
                After = called => Note(called, isApplied: true),
            };
            using var guard = IdempotencyGuard.Create(store, options, _time);
            var before = effects();
            var running = AnswerAsync(build(guard), call);
            await InTimeAsync(Task.WhenAny(running, death.Task)).ConfigureAwait(false);
            if (!death.Task.IsCompleted)
            {
                Judge(await running.ConfigureAwait(false));
                return false;
            }

            var fatal = await death.Task.ConfigureAwait(false);
            _deaths.Add($"just {(point.IsApplied ? "after" : "before")} store call {fatal.Number}, {fatal.Operation} number {fatal.OperationNumber}");
            var hadEffect = effects() > before;
            _allowed += hadEffect && onCrash == OnCrash.Retry ? 1 : 0;
            Judge();
            await PassLeasesAsync(store.Calls).ConfigureAwait(false);
            return true;

            void Note(StoreCall called, bool isApplied)
            {
                if (called.Number == point.Number && isApplied == point.IsApplied)
                {
                    death.TrySetResult(called);
                }
            }
        }

        /// <summary>Runs a process that lives, and calls once more: what it got is what everybody gets from now on.</summary>
        public async Task LiveAsync()
        {
            using var guard = IdempotencyGuard.Create(Records, options, _time);
            var system = build(guard);
            Judge(await InTimeAsync(AnswerAsync(system, call)).ConfigureAwait(false));
            Judge(await InTimeAsync(AnswerAsync(system, call)).ConfigureAwait(false));
        }

        /// <summary>Lets the dead owner's leases end, and no more: an outcome stays.</summary>
        private async Task PassLeasesAsync(IEnumerable<StoreCall> calls)
        {
            foreach (var key in calls.Select(static called => called.Key).OfType<IdempotencyKey>().Distinct())
            {
                if (await Records.GetAsync(key, CancellationToken.None).ConfigureAwait(false) is { LeaseUntil: { } until })
                {
                    _time.Advance(TimeSpan.FromTicks(Math.Max(0, (until - _time.GetUtcNow()).Ticks)));
                }
            }
        }

        private async Task<T> InTimeAsync<T>(Task<T> call)
        {
            try
            {
                return await call.WaitAsync(s_patience, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException timeout) when (!call.IsCompleted) // ours: what the call itself throws is in its answer
            {
                throw Broken("a call did not end. Does it wait for time to pass? The guard's passes only when a process has died.", timeout);
            }
        }

        private void Judge(Answer<TResult>? answer = null)
        {
            var happened = effects() - _before;
            if (happened > _allowed)
            {
                var hint = onCrash == OnCrash.Hold ? "is the operation really under Hold?" : "one more only for each process that died after its effect.";
                throw Broken($"there were {happened} effects; {onCrash} allows {_allowed} here: {hint}");
            }

            switch (answer)
            {
                case null:
                case { Failure: OperationInDoubtException } when onCrash == OnCrash.Hold:
                case { Failure: DuplicateOperationException } when happened > 0:
                    return;
                case { Failure: { } failure }:
                    throw Broken($"the next caller got {failure.GetType().Name}: {failure.Message}", failure);
                case { } when happened == 0:
                    throw Broken("the next caller got a result, although there was no effect.");
            }

            _results.Add(answer.Result!);
            if (!IsSame(_results[0], answer.Result!))
            {
                throw Broken($"callers got different results: {Show(_results[0])} and {Show(answer.Result)}.");
            }
        }

        private OnceAssertionException Broken(string what, Exception? inner = null) => new(
            _deaths.Count == 0 ? $"Without any crash, {what}" : $"When a process died {string.Join(", and its successor ", _deaths)}, {what}", inner);
    }
}
