using System.Globalization;
using Idempotency.Storage;
using Idempotency.Testing.Tests.BrokenStores;

namespace Idempotency.Testing.Tests.History;

/// <summary>Many callers at once, on stores that keep the contract and on some that do not.</summary>
public sealed class HammerTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromTicks(40);

    /// <summary>IDEMPOTENCY_SEED=n tries another one.</summary>
    private static readonly int s_seed =
        int.TryParse(Environment.GetEnvironmentVariable("IDEMPOTENCY_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 20_260_101;

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task What_the_memory_store_answers_can_be_put_in_one_order(OnCrash onCrash)
    {
        for (var round = 0; round < 10; round++)
        {
            var result = await HammerAsync(static time => new MemoryStore(timeProvider: time), onCrash, s_seed + round);

            Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Seed {s_seed + round}: {result}");
        }
    }

    [Theory]
    [InlineData(OnCrash.Retry)]
    [InlineData(OnCrash.Hold)]
    public async Task Lost_answers_can_be_explained_too(OnCrash onCrash)
    {
        for (var round = 0; round < 10; round++)
        {
            var result = await HammerAsync(
                static time => new FaultInjectingStore(new MemoryStore(timeProvider: time), time)
                {
                    Plan = static call => (call.Number % 50) switch
                    {
                        0 => StoreFault.AnswerLost,
                        25 => StoreFault.Refused,
                        _ => StoreFault.None,
                    },
                },
                onCrash,
                s_seed + round);

            Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Seed {s_seed + round}: {result}");
        }
    }

    [Theory]
    [InlineData(Flaw.None, false)]
    [InlineData(Flaw.CompletionIsNotChecked, true)]
    [InlineData(Flaw.ReleaseIsNotChecked, true)]
    [InlineData(Flaw.ReleaseDeletes, true)]
    [InlineData(Flaw.RenewalIsNotChecked, true)]
    [InlineData(Flaw.HoldIsRetry, true)]
    [InlineData(Flaw.LeaseIsATickTooShort, true)]
    [InlineData(Flaw.LeaseNeverEnds, true)]
    [InlineData(Flaw.RecordExpiresWithItsLease, true)]
    [InlineData(Flaw.CompletionNeedsTheLease, true)]
    [InlineData(Flaw.FenceIsPerRecord, true)]
    [InlineData(Flaw.EndedTokensAreForgotten, true)]
    [InlineData(Flaw.FingerprintIsIgnored, true)]
    [InlineData(Flaw.ClaimLooksAndThenTakes, true)]
    [InlineData(Flaw.ResolutionLeavesTheOwner, true)]
    public async Task A_flaw_shows_in_what_a_store_answers(Flaw flaw, bool isCaught)
    {
        const int Rounds = 60;
        for (var round = 0; round < (isCaught ? Rounds : 10); round++)
        {
            foreach (var onCrash in Enum.GetValues<OnCrash>())
            {
                var result = await HammerAsync(time => new PlainStore(time, flaw), onCrash, s_seed + round);
                if (result.Verdict == LinearizabilityVerdict.NotLinearizable && isCaught)
                {
                    return;
                }

                Assert.True(result.Verdict == LinearizabilityVerdict.Linearizable, $"Seed {s_seed + round}: {result}");
            }
        }

        Assert.False(isCaught, $"{flaw} was not seen in {Rounds} rounds from seed {s_seed}.");
    }

    /// <summary>Time passes in ticks, between any two calls, for the store and for the history alike.</summary>
    private static async Task<LinearizabilityResult> HammerAsync(Func<FakeTimeProvider, IIdempotencyStore> make, OnCrash onCrash, int seed)
    {
        var time = new FakeTimeProvider();
        var history = new StoreHistory(time);
        var hammer = new StoreHammer
        {
            Seed = seed,
            OnCrash = onCrash,
            Lease = s_lease,
            Retention = 3 * s_lease,
            Between = random =>
            {
                if (random.Next(3) == 0)
                {
                    time.Advance(TimeSpan.FromTicks(random.Next(1, 10)));
                }
            },
        };
        await hammer.RunAsync(history, make(time));
        return new LinearizabilityChecker { Tolerance = TimeSpan.Zero }.Check(history);
    }
}
