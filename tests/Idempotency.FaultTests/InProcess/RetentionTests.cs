using System.Text;
using Idempotency.Keys;
using Idempotency.Soak;
using Idempotency.Storage;
using Xunit;
using Xunit.Sdk;

namespace Idempotency.FaultTests.InProcess;

/// <summary>S-93: keys that come and go take no more room than those that are remembered, and purging never takes one that is.</summary>
public sealed class RetentionTests
{
    private const int Keys = 100_000, Rounds = 20, Callers = 2, PurgedAfter = 250;

    /// <summary>What may be left in a store's files behind the last tidying: the room that is made beforehand, and segments of it.</summary>
    private const long Room = 4 << 20;

    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(20), s_long = TimeSpan.FromDays(3000);

    public static TheoryData<string> Stores => [.. StoreInProcess.Names];

    [Theory, MemberData(nameof(Stores))]
    public async Task A_hundred_thousand_keys_take_the_room_of_those_that_are_remembered(string store)
    {
        using var scene = new Scene(store);

        await RunAsync(scene, Keys);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_store_that_remembers_for_too_long_is_found(string store)
    {
        using var scene = new Scene(store, static sound => new RememberingStore(sound));

        await Assert.ThrowsAnyAsync<XunitException>(() => RunAsync(scene, Keys / 5));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_store_that_forgets_a_living_record_is_found(string store)
    {
        using var scene = new Scene(store, static sound => new FlawedStore(sound, FlawedStore.CompletedIsFreed));

        await Assert.ThrowsAnyAsync<XunitException>(() => RunAsync(scene, Keys / 50));
    }

    private static async Task RunAsync(Scene scene, int keys)
    {
        var store = scene.OpenStore();
        var (held, kept) = (new Dictionary<string, Ownership>(), new HashSet<string>());
        for (var round = 0; round < Rounds; round++)
        {
            var first = round * (keys / Rounds);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                for (var i = first + caller; i < first + (keys / Rounds); i += Callers)
                {
                    await PassByAsync(store, $"{i}", isHeld: i % 500 == 0, isKept: i % 500 == 1, held, kept);
                    if (i % (Callers * PurgedAfter) == caller)
                    {
                        scene.Time.Advance(TimeSpan.FromSeconds(1));
                        await store.PurgeAsync(int.MaxValue, CancellationToken.None);
                    }
                }
            })));

            // All others have had their time: nothing of them is left, in memory or on the disk.
            scene.Time.Advance(s_short);
            await store.PurgeAsync(int.MaxValue, CancellationToken.None);
            Assert.Equal(held.Count + kept.Count, scene.Count);
            await AssertTidyAsync(scene, store);
        }

        foreach (var key in kept)
        {
            Assert.Equal(RecordState.Completed, (await store.GetAsync(KeyOf(key), CancellationToken.None))?.State);
        }

        foreach (var (key, owner) in held)
        {
            Assert.Equal(RecordState.InProgress, (await store.GetAsync(KeyOf(key), CancellationToken.None))?.State);
            Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(KeyOf(key), owner, Outcome(key), s_short, CancellationToken.None));
        }
    }

    private static async Task PassByAsync(
        IIdempotencyStore store, string key, bool isHeld, bool isKept, Dictionary<string, Ownership> held, HashSet<string> kept)
    {
        var request = new ClaimRequest(OwnerToken.New(), TimeSpan.FromDays(1), OnCrash.Retry, default);
        var claim = Assert.IsType<Claim.Acquired>(await store.TryClaimAsync(KeyOf(key), request, CancellationToken.None));
        var owner = new Ownership(request.Token, claim.Fence);
        if (isHeld)
        {
            lock (held)
            {
                held.Add(key, owner);
            }

            return;
        }

        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(KeyOf(key), owner, Outcome(key), isKept ? s_long : s_short, CancellationToken.None));
        if (isKept)
        {
            lock (kept)
            {
                kept.Add(key);
            }
        }
    }

    /// <summary>Lets the store look after its files; a tick's work may be done by a thread that has to get its turn first.</summary>
    private static async Task AssertTidyAsync(Scene scene, IIdempotencyStore store)
    {
        using var impatience = new CancellationTokenSource(Scene.Patience);
        while (scene.Bytes > Room && !impatience.IsCancellationRequested)
        {
            scene.Time.Advance(TimeSpan.FromSeconds(1));
            await store.GetAsync(KeyOf("none"), CancellationToken.None);
        }

        Assert.InRange(scene.Bytes, 0, Room);
    }

    private static IdempotencyKey KeyOf(string key) => IdempotencyKey.FromCanonical("test.charge", Encoding.UTF8.GetBytes(key));

    private static StoredOutcome Outcome(string key) => new(isFailure: false, Encoding.UTF8.GetBytes($"result of {key}"));
}
