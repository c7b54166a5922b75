using Idempotency.Soak;
using Xunit;
using Xunit.Sdk;

namespace Idempotency.FaultTests.InProcess;

/// <summary>S-90: who waits for something that waits for him is told, or is told in time; and a waiter whose owner fails goes on.</summary>
public sealed class DeadlockTests
{
    private static readonly IdempotentOperation<int> s_a = Waiting("test.a"), s_b = Waiting("test.b");

    public static TheoryData<string> Stores => [.. StoreInProcess.Names];

    public static TheoryData<string, OnDuplicate> StoresAndDuplicates
    {
        get
        {
            var data = new TheoryData<string, OnDuplicate>();
            foreach (var store in StoreInProcess.Names)
            {
                foreach (var onDuplicate in Enum.GetValues<OnDuplicate>())
                {
                    data.Add(store, onDuplicate);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(StoresAndDuplicates))]
    public async Task A_body_that_calls_its_own_key_is_refused_at_once(string store, OnDuplicate onDuplicate)
    {
        using var scene = new Scene(store);
        var (guard, _) = scene.StartProcess();
        var own = new IdempotentOperation<int>("test.a") { OnDuplicate = onDuplicate };

        // Time stands still: whoever waited would wait for ever.
        var call = guard.RunAsync(own, "key", _ => guard.RunAsync(s_b, "key", _ => guard.RunAsync(own, "key", Never)));

        await Assert.ThrowsAsync<ReentrantOperationException>(() => call.WaitAsync(Scene.Patience));
        Assert.Equal(7, await guard.RunAsync(own, "key", static _ => Task.FromResult(7)));
    }

    [Theory, MemberData(nameof(StoresAndDuplicates))]
    public async Task A_body_that_calls_its_own_key_by_way_of_another_process_ends_and_frees_the_key(string store, OnDuplicate onDuplicate)
    {
        using var scene = new Scene(store);
        await ChainAsync(scene, onDuplicate);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_chain_that_runs_its_key_twice_is_found(string store)
    {
        using var scene = new Scene(store, static sound => new FlawedStore(sound, FlawedStore.BusyIsFree));

        await Assert.ThrowsAnyAsync<XunitException>(() => ChainAsync(scene, OnDuplicate.Wait));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Two_flows_that_take_two_keys_in_different_order_end_and_free_both(string store)
    {
        using var scene = new Scene(store);
        var ((one, _), (other, _)) = (scene.StartProcess(), scene.StartProcess());
        var (hasA, hasB) = (new TaskCompletionSource(), new TaskCompletionSource());

        var ab = one.RunAsync(s_a, "key", async _ =>
        {
            hasA.SetResult();
            await hasB.Task;
            return await one.RunAsync(s_b, "key", static _ => Task.FromResult(1));
        });
        var ba = AsAnotherProcess(() => other.RunAsync(s_b, "key", async _ =>
        {
            hasB.SetResult();
            await hasA.Task;
            return await other.RunAsync(s_a, "key", static _ => Task.FromResult(2));
        }));
        await scene.PassUntilAsync(Task.WhenAll(ab, ba).ContinueWith(static _ => { }, TaskScheduler.Default));
        var endings = new[] { await Ending.OfAsync(ab), await Ending.OfAsync(ba) };

        // The first to lose its patience frees its key, and may do so in time for the other one.
        Assert.Contains(endings, static ending => ending.Failure is OperationInProgressException);
        Assert.All(endings, static ending => Assert.True(ending.Failure is null or OperationInProgressException, ending.ToString()));
        await scene.EndingOfAsync(one.RunAsync(s_a, "key", static _ => Task.FromResult(3)));
        await scene.EndingOfAsync(other.RunAsync(s_b, "key", static _ => Task.FromResult(3)));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task When_the_owner_fails_one_waiter_of_all_processes_runs_and_the_others_get_its_result(string store)
    {
        using var scene = new Scene(store);
        await FailingOwnerAsync(scene);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Waiters_that_all_run_are_found(string store)
    {
        using var scene = new Scene(store, static sound => new FlawedStore(sound, FlawedStore.BusyIsFree));

        await Assert.ThrowsAnyAsync<XunitException>(() => FailingOwnerAsync(scene));
    }

    private static IdempotentOperation<int> Waiting(string name) => new(name) { OnDuplicate = OnDuplicate.Wait };

    private static Task<int> Never(IdempotencyContext context) => throw new InvalidOperationException("It ran within itself.");

    /// <summary>Nothing that flows within a process shows in it what it came from.</summary>
    private static Task<int> AsAnotherProcess(Func<Task<int>> call)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(call);
        }
    }

    private static async Task ChainAsync(Scene scene, OnDuplicate onDuplicate)
    {
        var ((one, _), (other, _)) = (scene.StartProcess(), scene.StartProcess());
        var operation = new IdempotentOperation<int>("test.a") { OnDuplicate = onDuplicate };
        var innerRuns = 0;

        var call = one.RunAsync(operation, "key", _ => AsAnotherProcess(() => other.RunAsync(operation, "key", _ =>
        {
            innerRuns++;
            return Task.FromResult(1);
        })));
        // Time goes on only for who was asked to wait.
        var ending = onDuplicate == OnDuplicate.Wait ? await scene.EndingOfAsync(call) : await Ending.OfAsync(call.WaitAsync(Scene.Patience));

        Assert.Equal(0, innerRuns);
        Assert.True(ending.Failure is OperationInProgressException or DuplicateOperationException, ending.ToString());
        Assert.Equal(7, (await scene.EndingOfAsync(one.RunAsync(operation, "key", static _ => Task.FromResult(7)))).Result);
    }

    private static async Task FailingOwnerAsync(Scene scene)
    {
        (IdempotencyGuard Guard, Testing.FaultInjectingStore Faults)[] processes = [scene.StartProcess(), scene.StartProcess()];
        var (first, second) = (new Doorway(), new Doorway());
        var patient = new IdempotentOperation<int>("test.a") { OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromDays(1) };
        var runs = 0;
        var owner = processes[0].Guard.RunAsync<int>(patient, "key", async _ =>
        {
            await first.PassAsync();
            throw new InvalidOperationException("declined");
        });
        await first.Reached;
        var waiters = Enumerable.Range(0, 6).Select(caller => processes[caller % 2].Guard.RunAsync(patient, "key", async _ =>
        {
            var run = Interlocked.Increment(ref runs);
            await second.PassAsync();
            return run;
        })).ToList();

        first.Open();
        await scene.PassUntilAsync(second.Reached);
        second.Open();
        await scene.PassUntilAsync(Task.WhenAll(waiters));

        await Assert.ThrowsAsync<InvalidOperationException>(() => owner);
        Assert.All(waiters, static waiter => Assert.Equal(1, waiter.Result));
        Assert.Equal(1, runs);
    }
}
