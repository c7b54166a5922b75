using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>A bounded store refuses, and never forgets what it promised to remember.</summary>
public sealed class MemoryCapacityTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_retention = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_full_store_refuses_a_new_key_and_says_what_to_do()
    {
        var store = StoreOf(2);
        await AcquireAsync(store, "a");
        await AcquireAsync(store, "b");

        var refusal = await Assert.ThrowsAsync<StoreFullException>(() => ClaimAsync(store, "4111-1111-1111-1111"));

        Assert.Equal((2, "tests.charge", TestKeys.Of("4111-1111-1111-1111").Text), (refusal.Capacity, refusal.Operation, refusal.Key));
        Assert.Contains("'tests.charge'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("holds 2 live records and drops none of them", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Raise the capacity, shorten Ttl, or send the call again", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4111", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_store_still_serves_the_keys_it_has()
    {
        var store = StoreOf(1);
        var owner = await AcquireAsync(store, "a");
        await Assert.ThrowsAsync<StoreFullException>(() => ClaimAsync(store, "b"));

        Assert.IsType<Claim.Busy>(await ClaimAsync(store, "a"));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(store, "a", owner));
        Assert.IsType<Claim.Finished>(await ClaimAsync(store, "a"));
    }

    [Fact]
    public async Task A_full_store_abandons_without_a_tombstone_and_without_an_error()
    {
        var store = StoreOf(1);
        await AcquireAsync(store, "a");

        await store.AbandonAsync(TestKeys.Of("b"), OwnerToken.New(), CancellationToken.None);

        Assert.Equal(1, store.Count);
        Assert.Null(await store.GetAsync(TestKeys.Of("b"), CancellationToken.None));
    }

    [Fact]
    public async Task Expired_records_make_room_and_live_ones_never_do()
    {
        var store = StoreOf(3);
        await AcquireAsync(store, "running");
        await CompleteAsync(store, "done", await AcquireAsync(store, "done"));
        await store.ReleaseAsync(TestKeys.Of("freed"), await AcquireAsync(store, "freed"), CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(10)); // the tombstone of the freed key is over

        await AcquireAsync(store, "next");
        await Assert.ThrowsAsync<StoreFullException>(() => ClaimAsync(store, "one too many"));

        _time.Advance(s_retention); // and now the outcome too; what runs stays for ever
        await AcquireAsync(store, "last");
        await Assert.ThrowsAsync<StoreFullException>(() => ClaimAsync(store, "one too many"));
        Assert.NotNull(await store.GetAsync(TestKeys.Of("running"), CancellationToken.None));
    }

    [Fact]
    public async Task New_keys_sweep_expired_records_out_long_before_the_store_is_full()
    {
        const int Live = 1000;
        var store = StoreOf(1_000_000);
        var most = 0;
        for (var i = 0; i < 20 * Live; i++)
        {
            await CompleteAsync(store, $"key {i}", await AcquireAsync(store, $"key {i}"), TimeSpan.FromTicks(Live));
            _time.Advance(TimeSpan.FromTicks(1));
            most = Math.Max(most, store.Count);
        }

        Assert.InRange(most, Live, 3 * Live);
    }

    [Fact]
    public async Task Purging_makes_room()
    {
        var store = StoreOf(10);
        for (var i = 0; i < 10; i++)
        {
            await CompleteAsync(store, $"key {i}", await AcquireAsync(store, $"key {i}"));
        }

        _time.Advance(s_retention);

        Assert.Equal(10, await store.PurgeAsync(100, CancellationToken.None));
        Assert.Equal(0, store.Count);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.PurgeAsync(-1, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task Callers_who_race_for_the_last_place_of_one_key_are_all_answered()
    {
        for (var round = 0; round < 100; round++)
        {
            var store = StoreOf(1);
            var answers = await Threads.AtOnceAsync(4, _ => ClaimAsync(store, "the only one"));

            Assert.Single(answers.OfType<Claim.Acquired>());
            Assert.Equal(3, answers.OfType<Claim.Busy>().Count());
            Assert.Equal(1, store.Count);
        }
    }

    [Fact]
    public async Task Callers_who_race_for_the_last_places_of_many_keys_fill_them_exactly()
    {
        for (var round = 0; round < 100; round++)
        {
            var store = StoreOf(5);
            var granted = await Threads.AtOnceAsync(8, async caller =>
            {
                try
                {
                    return await ClaimAsync(store, $"key {caller}") is Claim.Acquired ? 1 : 0;
                }
                catch (StoreFullException)
                {
                    return 0;
                }
            });

            Assert.Equal(5, granted.Sum());
            Assert.Equal(5, store.Count);
        }
    }

    [Theory]
    [InlineData(0, 600, "Capacity is 0; it must be at least 1.")]
    [InlineData(-5, 600, "Capacity is -5; it must be at least 1.")]
    [InlineData(1, 0, "TombstoneRetention is 00:00:00; it must be from 1 millisecond to 1 day.")]
    [InlineData(1, 86_401, "TombstoneRetention is 1.00:00:01; it must be from 1 millisecond to 1 day.")]
    public void Nonsense_bounds_are_refused(int capacity, int tombstoneSeconds, string fault)
    {
        var options = new MemoryStoreOptions { Capacity = capacity, TombstoneRetention = TimeSpan.FromSeconds(tombstoneSeconds) };

        Assert.Contains(fault, Assert.Throws<ArgumentException>(() => new MemoryStore(options)).Message, StringComparison.Ordinal);
    }

    private MemoryStore StoreOf(int capacity) => new(new MemoryStoreOptions { Capacity = capacity }, _time);

    private static async Task<Claim> ClaimAsync(MemoryStore store, string argument, OwnerToken? token = null) => await store.TryClaimAsync(
        TestKeys.Of(argument), new ClaimRequest(token ?? OwnerToken.New(), s_lease, OnCrash.Retry, default), CancellationToken.None);

    private static async Task<Ownership> AcquireAsync(MemoryStore store, string argument)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await ClaimAsync(store, argument, token)).Fence);
    }

    private static async Task<OwnerAnswer> CompleteAsync(MemoryStore store, string argument, Ownership owner, TimeSpan? retention = null) =>
        await store.CompleteAsync(TestKeys.Of(argument), owner, StoredOutcome.OfValue(argument), retention ?? s_retention, CancellationToken.None);
}
