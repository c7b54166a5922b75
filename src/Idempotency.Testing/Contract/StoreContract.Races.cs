using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    /// <summary>Callers at once: many more than processors, so that some are stopped at every step.</summary>
    private const int Callers = 64;

    [Fact]
    public async Task One_of_many_simultaneous_claims_is_granted()
    {
        const int Rounds = 10;
        for (var round = 0; round < Rounds; round++)
        {
            var key = NewKey();
            var answers = await Threads.AtOnceAsync(Callers, caller => ClaimAsync(key, store: StoreOf(caller)));

            Assert.Single(answers.OfType<Claim.Acquired>());
            Assert.Equal(Callers - 1, answers.OfType<Claim.Busy>().Count());
        }
    }

    [Fact]
    public async Task Simultaneous_claims_of_different_keys_are_all_granted_with_different_fences()
    {
        var keys = Enumerable.Range(0, Callers).Select(_ => NewKey()).ToList();

        var answers = await Threads.AtOnceAsync(Callers, caller => ClaimAsync(keys[caller], store: StoreOf(caller)));

        Assert.Equal(Callers, answers.OfType<Claim.Acquired>().Select((granted, key) => (granted.Fence, Key: FencesGrowOverAllKeys ? 0 : key)).Distinct().Count());
    }

    [Fact]
    public async Task One_of_many_simultaneous_take_overs_is_granted()
    {
        const int Rounds = 10;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.LeaseOver);
            var answers = await Threads.AtOnceAsync(Callers, caller => ClaimAsync(scene.Key, store: StoreOf(caller)));

            Assert.Single(answers.OfType<Claim.Acquired>());
            Assert.Equal(Callers - 1, answers.OfType<Claim.Busy>().Count());
        }
    }

    [Fact]
    public async Task One_of_many_simultaneous_claims_of_a_freed_key_is_granted()
    {
        const int Rounds = 10;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.Released);
            var answers = await Threads.AtOnceAsync(Callers, caller => ClaimAsync(scene.Key, store: StoreOf(caller)));

            Assert.Equal(2, Assert.Single(answers.OfType<Claim.Acquired>()).Attempt);
        }
    }

    [Fact]
    public async Task Simultaneous_claims_of_an_expired_key_never_meet_a_removed_record()
    {
        const int Rounds = 30, Few = 8;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.Expired);
            var answers = await Threads.AtOnceAsync(Few, async caller =>
            {
                await StoreOf(caller).PurgeAsync(caller, CancellationToken.None);
                return await ClaimAsync(scene.Key, store: StoreOf(caller));
            });

            Assert.Equal(Assert.Single(answers.OfType<Claim.Acquired>()).Fence, (await RecordAsync(scene.Key)).Fence);
        }
    }

    [Fact]
    public async Task Owners_of_one_key_never_overlap()
    {
        const int Few = 8, Turns = 20;
        var key = NewKey();
        var (inside, overlaps) = (0, 0);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);

        var turns = await Threads.AtOnceAsync(Few, async caller =>
        {
            var had = 0;
            while (had < Turns && !patience.IsCancellationRequested)
            {
                var token = OwnerToken.New();
                if (await ClaimAsync(key, token, lease: TimeSpan.MaxValue, store: StoreOf(caller)) is not Claim.Acquired granted)
                {
                    Thread.Yield();
                    continue;
                }

                had++;
                overlaps += Interlocked.Increment(ref inside) - 1;
                Thread.Yield();
                Interlocked.Decrement(ref inside);
                await StoreOf(caller).ReleaseAsync(key, new Ownership(token, granted.Fence), CancellationToken.None);
            }

            return had;
        });

        Assert.Equal((0, Few * Turns), (overlaps, turns.Sum()));
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task A_completion_and_a_take_over_at_once_agree_on_who_was_first(OnCrash onCrash)
    {
        const int Rounds = 60;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.LeaseOver);
            var answers = await Threads.AtOnceAsync<object>(2, async caller =>
                caller == 0 ? await CompleteAsync(scene.Key, scene.Owner) : await ClaimAsync(scene.Key, onCrash: onCrash, store: OtherStore));

            var completion = answers.OfType<OwnerAnswer>().Single();
            var claim = answers.OfType<Claim>().Single();
            var expected = claim switch
            {
                Claim.Acquired { TakenOver: true } when onCrash == OnCrash.Retry => (OwnerAnswer.Fenced, RecordState.InProgress),
                Claim.InDoubt when onCrash == OnCrash.Hold => (OwnerAnswer.Accepted, RecordState.Completed),
                _ => (OwnerAnswer.Accepted, RecordState.Completed),
            };
            Assert.True(claim is Claim.Acquired or Claim.InDoubt or Claim.Finished, $"The claim's answer is {claim}.");
            Assert.Equal(expected, (completion, (await RecordAsync(scene.Key)).State));
        }
    }

    [Fact]
    public async Task A_renewal_and_a_take_over_at_once_agree_on_who_was_first()
    {
        const int Rounds = 60;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.LeaseOver);
            var answers = await Threads.AtOnceAsync<object>(2, async caller =>
                caller == 0 ? await RenewAsync(scene.Key, scene.Owner) : await ClaimAsync(scene.Key, store: OtherStore));

            var renewed = answers.OfType<OwnerAnswer>().Single() == OwnerAnswer.Accepted;
            var claim = answers.OfType<Claim>().Single();
            Assert.True(renewed ? claim is Claim.Busy : claim is Claim.Acquired { TakenOver: true }, $"Renewed: {renewed}, and the claim's answer is {claim}.");
        }
    }

    [Fact]
    public async Task One_of_many_simultaneous_resolutions_counts()
    {
        const int Rounds = 20, Few = 8;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.InDoubt);
            var answers = await Threads.AtOnceAsync(Few, async caller => (
                caller,
                counted: await StoreOf(caller).ResolveAsync(scene.Key, scene.Version, Outcome($"by {caller}"), Retention, CancellationToken.None)));

            var counted = Assert.Single(answers, static answer => answer.counted);
            Assert.Equal($"by {counted.caller}", TextOf((await RecordAsync(scene.Key)).Outcome));
        }
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task What_many_callers_are_answered_at_once_can_be_put_in_one_order(OnCrash onCrash)
    {
        const int Rounds = 4;
        for (var round = 0; round < Rounds; round++)
        {
            var history = new StoreHistory();
            await new StoreHammer { Seed = round, OnCrash = onCrash, Calls = 50 }.RunAsync(history, Store, OtherStore);

            // Leases last for ever or end at once, so that only tombstones depend on a clock.
            var checker = new LinearizabilityChecker
            {
                Tolerance = TimeSpan.FromMilliseconds(250), TombstoneRetention = TombstoneRetention, FencesGrowOverAllKeys = FencesGrowOverAllKeys,
            };
            var result = checker.Check(history);
            Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Round {round}: {result}");
        }
    }
}
