using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

#pragma warning disable CS1591 // a fact's name is its documentation

public abstract partial class StoreContract
{
    [Theory]
    [InlineData(Situation.Absent)]
    [InlineData(Situation.Expired)]
    [InlineData(Situation.LeaseOver)]
    [InlineData(Situation.InDoubt)]
    [InlineData(Situation.Completed)]
    [InlineData(Situation.Failed)]
    [InlineData(Situation.Released)]
    public async Task There_is_nothing_to_wait_for_unless_an_owner_runs(Situation situation)
    {
        var scene = await GivenAsync(situation);

        await Waiting(scene).WaitAsync(Patience);
    }

    [Fact]
    public async Task There_is_nothing_to_wait_for_when_the_version_is_an_older_one()
    {
        var scene = await GivenAsync(Situation.InProgress);
        await EndLeaseAsync(scene.Key, scene.Owner);
        await RenewAsync(scene.Key, scene.Owner);

        await Waiting(scene).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_wait_does_not_end_at_once_while_an_owner_runs()
    {
        var scene = await GivenAsync(Situation.InProgress);
        using var cancellation = new CancellationTokenSource();

        var waiting = Waiting(scene, cancellationToken: cancellation.Token);

        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
    }

    [Theory]
    [InlineData("complete")]
    [InlineData("fail")]
    [InlineData("release")]
    [InlineData("abandon")]
    [InlineData("end the lease")]
    public async Task Waiters_are_woken_by_what_ends_the_attempt(string end)
    {
        var scene = await GivenAsync(Situation.InProgress);
        var waiting = Enumerable.Range(0, 4).Select(i => Waiting(scene, store: StoreOf(i))).ToList();

        await (end switch
        {
            "complete" => CompleteAsync(scene.Key, scene.Owner),
            "fail" => CompleteAsync(scene.Key, scene.Owner, Outcome("failed", isFailure: true)),
            "release" => ReleaseAsync(scene.Key, scene.Owner),
            "abandon" => AbandonAsync(scene.Key, scene.Owner.Token),
            _ => RenewAsync(scene.Key, scene.Owner, TimeSpan.Zero),
        });
        await PassAsync(WakeUpDelay);

        await Task.WhenAll(waiting).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_waiter_is_woken_when_the_lease_ends_so_that_it_can_take_over()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var waiting = Waiting(scene);

        await EndLeaseAsync(scene.Key, scene.Owner);
        await PassAsync(WakeUpDelay);

        await waiting.WaitAsync(Patience);
        Assert.True(Assert.IsType<Claim.Acquired>(await ClaimAsync(scene.Key)).TakenOver);
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("freed")]
    public async Task A_resolution_is_seen_by_whoever_waited_for_the_lease_to_end(string resolution)
    {
        var scene = await GivenAsync(Situation.InProgress);
        var waiting = Waiting(scene);
        await EndLeaseAsync(scene.Key, scene.Owner);
        Assert.True(await ResolveAsync(scene.Key, await VersionAsync(scene.Key), resolution == "freed" ? null : Outcome("resolved")));
        await PassAsync(WakeUpDelay);

        await waiting.WaitAsync(Patience);
        var answer = await ClaimAsync(scene.Key);
        Assert.True(resolution == "freed" ? answer is Claim.Acquired { TakenOver: false } : answer is Claim.Finished, $"The answer is {answer}.");
    }

    [Fact]
    public async Task A_waiter_returns_at_its_timeout()
    {
        var scene = await GivenAsync(Situation.InProgress);
        var waiting = Waiting(scene, Lease / 2);

        await PassAsync(Lease / 2);

        await waiting.WaitAsync(Patience);
        Assert.IsType<Claim.Busy>(await ClaimAsync(scene.Key));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-TimeSpan.TicksPerMillisecond)] // the platform's own sign for "without end"
    [InlineData(-TimeSpan.TicksPerDay)]
    public async Task A_timeout_that_is_over_already_returns_at_once(long ticks)
    {
        var scene = await GivenAsync(Situation.InProgress);

        await Waiting(scene, TimeSpan.FromTicks(ticks)).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_wait_without_end_for_a_lease_without_end_is_woken_all_the_same()
    {
        var key = NewKey();
        var owner = await AcquireAsync(key, lease: TimeSpan.MaxValue);
        var waiting = Waiting(new Scene(key, owner, await VersionAsync(key)), TimeSpan.MaxValue);

        await CompleteAsync(key, owner);
        await PassAsync(WakeUpDelay);

        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_waiter_can_be_cancelled_and_the_owner_does_not_notice()
    {
        var scene = await GivenAsync(Situation.InProgress);
        using var cancellation = new CancellationTokenSource();
        var waiting = Waiting(scene, cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        Assert.Equal(scene.Version, await VersionAsync(scene.Key));
        Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(scene.Key, scene.Owner));
    }

    [Fact]
    public async Task No_wake_up_is_lost_between_the_answer_and_the_wait()
    {
        const int Rounds = 100;
        for (var round = 0; round < Rounds; round++)
        {
            var scene = await GivenAsync(Situation.InProgress);
            Task? waiting = null;
            await Threads.AtOnceAsync(2, async caller =>
            {
                if (caller == 0)
                {
                    await CompleteAsync(scene.Key, scene.Owner);
                }
                else
                {
                    waiting = Waiting(scene);
                }

                return caller;
            });
            await PassAsync(WakeUpDelay);

            await waiting!.WaitAsync(Patience);
        }
    }

    private Task Waiting(Scene scene, TimeSpan? timeout = null, IIdempotencyStore? store = null, CancellationToken cancellationToken = default) =>
        (store ?? Store).WaitAsync(scene.Key, scene.Version, timeout ?? TimeSpan.FromDays(1), cancellationToken).AsTask();

    /// <summary>The view on the records that a caller has: one and the other in turn.</summary>
    private IIdempotencyStore StoreOf(int caller) => caller % 2 == 0 ? Store : OtherStore;
}
