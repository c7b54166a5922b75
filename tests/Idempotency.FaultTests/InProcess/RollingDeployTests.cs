using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;
using Xunit.Sdk;

namespace Idempotency.FaultTests.InProcess;

/// <summary>S-94: while two versions of an application run, no key runs twice, and what the older cannot read it does not run.</summary>
public sealed class RollingDeployTests
{
    private const int Keys = 25;

    private static readonly IdempotentOperation<int> s_old = At(1), s_new = At(2);

    public static TheoryData<string> Stores => [.. StoreInProcess.Names];

    public static TheoryData<string, Build, Build> Phases
    {
        get
        {
            var data = new TheoryData<string, Build, Build>();
            foreach (var store in StoreInProcess.Names)
            {
                data.Add(store, Build.Old, Build.Old);
                data.Add(store, Build.Old, Build.Dual);
                data.Add(store, Build.Dual, Build.Dual);
                data.Add(store, Build.Dual, Build.New);
                data.Add(store, Build.New, Build.New);
            }

            return data;
        }
    }

    /// <summary>What is deployed somewhere, while the operation's key changes.</summary>
    public enum Build
    {
        Old,

        /// <summary>Takes the old key, and under it the new one.</summary>
        Dual,
        New,
    }

    [Theory, MemberData(nameof(Phases))]
    public async Task A_key_changes_in_phases_without_running_anything_twice(string store, Build one, Build other)
    {
        using var scene = new Scene(store);

        Assert.All(await MixAsync(scene, one, other), static effects => Assert.Equal(1, effects));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_deploy_without_the_phases_is_found(string store)
    {
        using var scene = new Scene(store);

        await Assert.ThrowsAnyAsync<XunitException>(async () =>
            Assert.All(await MixAsync(scene, Build.Old, Build.New), static effects => Assert.Equal(1, effects)));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Each_version_of_an_operation_runs_a_key_once_and_gets_its_own_result(string store)
    {
        using var scene = new Scene(store);
        var ((one, _), (other, _)) = (scene.StartProcess(), scene.StartProcess());
        var runs = 0;

        for (var key = 0; key < Keys; key++)
        {
            var calls = new[] { (one, s_old, 1), (other, s_new, 2), (other, s_old, 1), (one, s_new, 2) }.Select(by => Task.Run(() => by.Item1.RunAsync(by.Item2, $"{key}", _ =>
            {
                Interlocked.Increment(ref runs);
                return Task.FromResult(by.Item3);
            }))).ToList();
            await scene.PassUntilAsync(Task.WhenAll(calls));

            Assert.Equal([1, 2, 1, 2], calls.Select(static call => call.Result));
        }

        Assert.Equal(2 * Keys, runs);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task An_outcome_of_a_later_version_is_not_read_and_not_run_and_not_lost(string store)
    {
        using var scene = new Scene(store);
        var (sound, _) = scene.StartProcess();
        var opened = scene.OpenStore();
        using var later = IdempotencyGuard.Create(new LaterVersion(opened), Scene.Options, scene.Time);
        await later.RunAsync(s_old, "key", static _ => Task.FromResult(1));

        var refusal = await Assert.ThrowsAsync<UnreadableRecordException>(() => sound.RunAsync(s_old, "key", Never));
        var record = await opened.GetAsync(IdempotencyKey.FromText(refusal.Operation, refusal.Key), CancellationToken.None);
        await Assert.ThrowsAsync<UnreadableRecordException>(() => sound.RunAsync(s_old, "key", Never));

        Assert.Contains("written by a newer version", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((RecordState.Completed, LaterVersion.Format), (record!.State, record.Outcome!.Payload.Span[1]));
        await later.RunAsync(s_old, "another key", static _ => Task.FromResult(2));
        Assert.Equal(3, await sound.RunAsync(s_old, "a key of its own", static _ => Task.FromResult(3)));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_store_that_takes_what_it_cannot_read_for_nothing_is_found(string store)
    {
        using var scene = new Scene(store, static sound => new LaterVersion(sound, isForgotten: true));
        var (guard, _) = scene.StartProcess();
        await guard.RunAsync(s_old, "key", static _ => Task.FromResult(1));

        await Assert.ThrowsAsync<InvalidOperationException>(() => guard.RunAsync(s_old, "key", Never)); // not the refusal that it should be
    }

    private static IdempotentOperation<int> At(int version) =>
        new("test.charge", version) { OnDuplicate = OnDuplicate.Wait, WaitTimeout = TimeSpan.FromHours(12) };

    private static Task<int> Never(IdempotencyContext context) => throw new InvalidOperationException("It ran again.");

    /// <summary>Two builds are asked for the same keys at once.</summary>
    /// <returns>How many effects each key had.</returns>
    private static async Task<int[]> MixAsync(Scene scene, Build one, Build other)
    {
        var effects = new int[Keys];
        var ((first, _), (second, _)) = (scene.StartProcess(), scene.StartProcess());
        var calls = Enumerable.Range(0, 2 * Keys).Select(i => Task.Run(() => CallAsync(i % 2 == 0 ? first : second, i % 2 == 0 ? one : other, i / 2, effects))).ToList();
        await scene.PassUntilAsync(Task.WhenAll(calls));
        return effects;
    }

    private static Task<int> CallAsync(IdempotencyGuard guard, Build build, int key, int[] effects)
    {
        Task<int> Body(IdempotencyContext context) => Task.FromResult(Interlocked.Increment(ref effects[key]));
        return build switch
        {
            Build.Old => guard.RunAsync(s_old, $"{key}", Body),
            Build.Dual => guard.RunAsync(s_old, $"{key}", _ => guard.RunAsync(s_new, $"{key}", Body)),
            _ => guard.RunAsync(s_new, $"{key}", Body),
        };
    }

    /// <summary>A store as a later version uses it, whose outcomes have another format.</summary>
    private sealed class LaterVersion(IIdempotencyStore inner, bool isForgotten = false) : DecoratedStore(inner)
    {
        public const byte Format = 2;

        public override ValueTask<OwnerAnswer> CompleteAsync(
            IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
        {
            var payload = outcome.Payload.ToArray();
            payload[1] = Format;
            return base.CompleteAsync(
                key, owner, new StoredOutcome(outcome.IsFailure, payload), retention, cancellationToken);
        }

        public override async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
            await base.TryClaimAsync(key, request, cancellationToken) is Claim.Finished && isForgotten
                ? new Claim.Acquired(long.MaxValue / 2, Attempt: 1, TakenOver: false)
                : await base.TryClaimAsync(key, request, cancellationToken);
    }
}
