using System.Runtime.CompilerServices;
using Idempotency.Keys;
using Idempotency.Soak;
using Idempotency.Storage;
using Idempotency.Testing;
using Xunit;
using Xunit.Sdk;

namespace Idempotency.FaultTests.InProcess;

/// <summary>S-92: whatever foreign code throws, and whenever, what is stored stays true, and no failure ends where nobody looks.</summary>
public sealed class ThrowingTests
{
    private static readonly IdempotentOperation<Receipt> s_charge = new("test.charge");
    private static readonly IdempotentOperation<Receipt> s_declined = new("test.declined") { OnFailure = OnFailure.Lock };

    private static readonly Dictionary<string, Func<string, Exception>> s_exceptions = new()
    {
        ["out of memory"] = static message => new OutOfMemoryException(message),
        ["cancelled"] = static message => new OperationCanceledException(message),
        ["broken"] = static message => new IOException(message),
    };

    public static TheoryData<string, Thrower, string> All
    {
        get
        {
            var data = new TheoryData<string, Thrower, string>();
            foreach (var store in StoreInProcess.Names)
            {
                foreach (var thrower in Enum.GetValues<Thrower>())
                {
                    foreach (var exception in s_exceptions.Keys)
                    {
                        data.Add(store, thrower, exception);
                    }
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Stores => [.. StoreInProcess.Names];

    [Theory, MemberData(nameof(All))]
    public async Task Whatever_throws_what_is_stored_stays_true(string store, Thrower thrower, string exception)
    {
        using var unobserved = new Unobserved();

        var points = await ThrowEverywhereAsync(store, thrower, s_exceptions[exception]);

        Assert.InRange(points, 1, 200);
        Assert.Empty(unobserved.Collect());
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_callback_of_a_body_that_throws_costs_it_nothing(string store)
    {
        using var scene = new Scene(store);
        using var unobserved = new Unobserved();
        var (guard, faults) = scene.StartProcess();
        var door = new Doorway();
        faults.FailAlways(StoreOperation.Renew);
        var call = guard.RunAsync(s_charge, "key", async context =>
        {
            context.LeaseLost.Register(static () => throw new OutOfMemoryException(Bomb.Mark));
            context.CancellationToken.Register(static () => throw new OutOfMemoryException(Bomb.Mark));
            await door.PassAsync();
            return new Receipt { Number = 1 };
        });
        await door.Reached;

        scene.Time.Advance(TimeSpan.FromMinutes(59)); // nobody has taken over, but the body had to be told
        door.Open();
        await scene.PassUntilAsync(call);

        Assert.Equal(1, (await call).Number);
        Assert.Equal(1, (await guard.RunAsync(s_charge, "key", static _ => throw new InvalidOperationException("It ran again."))).Number);
        Assert.Empty(unobserved.Collect());
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_key_that_is_freed_by_a_failure_is_found(string store) =>
        await Assert.ThrowsAnyAsync<XunitException>(() => ThrowEverywhereAsync(
            store, Thrower.StoreAnswering, s_exceptions["broken"], static sound => new FlawedStore(sound, FlawedStore.CompletedIsFreed)));

    [Fact]
    public void A_failure_that_nobody_looks_at_is_found()
    {
        using var unobserved = new Unobserved();

        FailUnseen();

        Assert.NotEmpty(unobserved.Collect());
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // the task must not stay on this stack
    private static void FailUnseen() => _ = Task.FromException(new IOException(Bomb.Mark));

    /// <returns>At how many places there was something to throw.</returns>
    private static async Task<int> ThrowEverywhereAsync(
        string store, Thrower thrower, Func<string, Exception> make, Func<IIdempotencyStore, IIdempotencyStore>? flaw = null)
    {
        for (var number = 1; ; number++)
        {
            var bomb = new Bomb(thrower, number, make);
            using var scene = new Scene(store, flaw);
            await ThrowAsync(scene, bomb, mayLoseResult: thrower == Thrower.Serializer);
            if (!bomb.HasGoneOff)
            {
                return number - 1;
            }
        }
    }

    private static async Task ThrowAsync(Scene scene, Bomb bomb, bool mayLoseResult)
    {
        var options = Scene.Options;
        options.JsonTypeInfoResolvers.Add(new BombedContracts(bomb));
        options.Failures.Replay<DeclinedException>(
            failure =>
            {
                bomb.Pass(Thrower.FailureCodec);
                return new DeclinedException(failure.Message);
            },
            (_, _) => bomb.Pass(Thrower.FailureCodec));
        var (guard, faults) = scene.StartProcess(options, new BombedLog(bomb));
        faults.Failure = _ => bomb.Make();
        faults.Plan = call => bomb.IsNow(Thrower.StoreRefusing) ? StoreFault.Refused : bomb.IsNow(Thrower.StoreAnswering) ? StoreFault.AnswerLost : StoreFault.None;
        var (charges, declines) = (0, 0);
        async Task<int> ChargeAsync(IdempotencyGuard by) => (await by.RunAsync(s_charge, "key", _ =>
        {
            bomb.Pass(Thrower.Body);
            return Task.FromResult(new Receipt { Number = ++charges });
        })).Number;
        async Task<int> DeclineAsync(IdempotencyGuard by) => (await by.RunAsync(s_declined, "key", _ =>
        {
            bomb.Pass(Thrower.Body);
            declines++;
            throw new DeclinedException("no funds");
        })).Number;

        List<Ending> endings = [];
        for (var i = 0; i < 2; i++)
        {
            endings.Add(await scene.EndingOfAsync(ChargeAsync(guard)));
            endings.Add(await scene.EndingOfAsync(DeclineAsync(guard)));
        }

        faults.Heal();
        var (sound, _) = scene.StartProcess();
        var (charge, decline) = (await scene.AskAsync(() => ChargeAsync(sound)), await scene.AskAsync(() => DeclineAsync(sound)));

        var told = $"{bomb.Make().Message} {string.Join("; ", endings)}. Later {charge}; {decline}";
        Assert.True(charges == 1 && (charge.Result == 1 || (mayLoseResult && charge.Failure is OutcomeNotStoredException)), told);
        Assert.True(declines <= 1 && decline.Failure is DeclinedException or OperationFailedException, told);
        Assert.All(endings.Where(static (_, i) => i % 2 == 0), ending => Assert.True(ending.Result is null or 1, told));
    }

    /// <summary>Hears of planted failures that ended in a task nobody looked at.</summary>
    private sealed class Unobserved : IDisposable
    {
        private readonly List<Exception> _failures = [];

        public Unobserved() => TaskScheduler.UnobservedTaskException += Note;

        /// <summary>All there were so far: finalizers tell, so they are made to run.</summary>
        public IReadOnlyList<Exception> Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            lock (_failures)
            {
                return [.. _failures];
            }
        }

        public void Dispose() => TaskScheduler.UnobservedTaskException -= Note;

        private void Note(object? sender, UnobservedTaskExceptionEventArgs unobserved)
        {
            lock (_failures)
            {
                _failures.AddRange(unobserved.Exception.Flatten().InnerExceptions.Where(static failure => failure.Message.Contains(Bomb.Mark, StringComparison.Ordinal)));
            }
        }
    }
}
