using Idempotency.Soak;
using Idempotency.Storage;
using Idempotency.Testing;
using Xunit;
using Xunit.Sdk;

namespace Idempotency.FaultTests.InProcess;

/// <summary>When the caller hangs up.</summary>
public enum HangUp
{
    /// <summary>Before a call of the store leaves.</summary>
    BeforeCall,

    /// <summary>When a call was applied, before its answer is heard.</summary>
    AfterCall,

    /// <summary>When a call was applied whose answer never comes.</summary>
    Unanswered,

    /// <summary>When a call has left that never arrives.</summary>
    Vanished,

    /// <summary>While the body runs.</summary>
    InBody,
}

/// <summary>S-91: a caller that hangs up at any await of the guard leaves no claim behind, and loses nobody's result.</summary>
public sealed class CancellationTests
{
    /// <summary>More calls of the store than any call of the guard makes here.</summary>
    private const int Most = 40;

    public static TheoryData<string, HangUp, OnCrash> All
    {
        get
        {
            var data = new TheoryData<string, HangUp, OnCrash>();
            foreach (var store in StoreInProcess.Names)
            {
                foreach (var moment in Enum.GetValues<HangUp>())
                {
                    data.Add(store, moment, OnCrash.Retry);
                    data.Add(store, moment, OnCrash.Hold);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Stores => [.. StoreInProcess.Names];

    [Theory, MemberData(nameof(All))]
    public async Task Hanging_up_anywhere_leaves_no_claim_and_loses_no_result(string store, HangUp moment, OnCrash onCrash)
    {
        var alone = await HangUpEverywhereAsync(store, moment, onCrash, waits: false);
        var waiting = await HangUpEverywhereAsync(store, moment, onCrash, waits: true);

        // Claim, complete; and claim, wait, claim, complete.
        Assert.InRange(alone, moment == HangUp.InBody ? 1 : 2, Most);
        Assert.InRange(waiting, moment == HangUp.InBody ? 1 : 4, Most);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_claim_that_is_left_behind_is_found(string store) =>
        await Assert.ThrowsAnyAsync<XunitException>(
            () => HangUpEverywhereAsync(store, HangUp.Unanswered, OnCrash.Retry, waits: false, static sound => new NothingAbandoned(sound)));

    [Theory, MemberData(nameof(Stores))]
    public async Task A_result_that_is_lost_is_found(string store) =>
        await Assert.ThrowsAnyAsync<XunitException>(() => HangUpEverywhereAsync(
            store, HangUp.InBody, OnCrash.Retry, waits: false, static sound => new FlawedStore(sound, FlawedStore.CompletedIsFreed)));

    /// <returns>At how many places there was something to hang up on.</returns>
    private static async Task<int> HangUpEverywhereAsync(
        string store, HangUp moment, OnCrash onCrash, bool waits, Func<IIdempotencyStore, IIdempotencyStore>? flaw = null)
    {
        for (var n = 1; n < Most; n++)
        {
            using var scene = new Scene(store, flaw);
            if (!await HangUpAsync(scene, new Plan(n, moment, onCrash, waits), isPatient: flaw is null))
            {
                return n - 1;
            }
        }

        return Most;
    }

    private static async Task<bool> HangUpAsync(Scene scene, Plan plan, bool isPatient)
    {
        var operation = new IdempotentOperation<int>("test.charge") { OnCrash = plan.OnCrash, OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromMinutes(10) };
        var ((other, _), (guard, faults)) = (scene.StartProcess(), scene.StartProcess());
        using var caller = new CancellationTokenSource();
        var door = new Doorway();
        var holder = plan.Waits ? HoldAsync(other, operation, door) : Task.CompletedTask;
        await (plan.Waits ? door.Reached : Task.CompletedTask);

        var (effects, isHit) = (0, false);
        void HangUpNow()
        {
            isHit = true;
            caller.Cancel();
        }

        faults.Plan = call => call.Number != plan.Number ? StoreFault.None
            : plan.Moment == HangUp.Unanswered ? StoreFault.Silent
            : plan.Moment == HangUp.Vanished ? StoreFault.Vanished
            : StoreFault.None;
        faults.Before = call =>
        {
            if (call.Number == plan.Number && plan.Moment is HangUp.BeforeCall or HangUp.Vanished)
            {
                HangUpNow();
            }

            if (call.Operation == StoreOperation.Wait)
            {
                door.Open();
            }
        };
        faults.After = call =>
        {
            if (call.Number == plan.Number && plan.Moment is HangUp.AfterCall or HangUp.Unanswered)
            {
                HangUpNow();
            }
        };

        var ending = await scene.EndingOfAsync(guard.RunAsync(operation, "key", _ =>
        {
            if (plan.Moment == HangUp.InBody && plan.Number == 1)
            {
                HangUpNow();
            }

            return Task.FromResult(++effects);
        }, caller.Token));
        door.Open();
        await scene.PassUntilAsync(holder);
        faults.Heal();

        Assert.True(ending.Result == 1 || ending.Failure is OperationCanceledException, $"{plan}: {ending}");
        var later = await scene.AskAsync(() => other.RunAsync(NotWaiting(operation), "key", _ => Task.FromResult(++effects)), isPatient);
        Assert.True(later.Result == 1 && effects == 1, $"{plan}: {ending}; later {later}, after {effects} effects.");
        return isHit;
    }

    /// <summary>Somebody else's call, which is in the way until it fails.</summary>
    private static async Task HoldAsync(IdempotencyGuard guard, IdempotentOperation<int> operation, Doorway door)
    {
        await Assert.ThrowsAsync<NotSupportedException>(() => guard.RunAsync<int>(NotWaiting(operation), "key", async _ =>
        {
            await door.PassAsync();
            throw new NotSupportedException();
        }));
    }

    /// <summary>The same operation for callers that do not wait.</summary>
    private static IdempotentOperation<int> NotWaiting(IdempotentOperation<int> operation) => new(operation.Name) { OnCrash = operation.OnCrash };

    private sealed record Plan(int Number, HangUp Moment, OnCrash OnCrash, bool Waits);
}
