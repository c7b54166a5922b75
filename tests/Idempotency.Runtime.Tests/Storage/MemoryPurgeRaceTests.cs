using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>Removing what has expired never takes what has just been granted with it.</summary>
public sealed class MemoryPurgeRaceTests
{
    private const int Claims = 20_000;

    private readonly MemoryStore _store = new(timeProvider: new TickingTimeProvider());

    [Fact]
    public async Task An_owner_is_never_forgotten_however_eagerly_its_key_is_purged()
    {
        var key = TestKeys.Of("the only one");
        var claimers = 2;

        var forgotten = await Threads.AtOnceAsync(4, async caller =>
        {
            if (caller < 2)
            {
                var lost = await ClaimAndCompleteAsync(key);
                Interlocked.Decrement(ref claimers);
                return lost;
            }

            while (Volatile.Read(ref claimers) > 0)
            {
                await _store.PurgeAsync(1, CancellationToken.None);
            }

            return 0;
        });

        Assert.Equal(0, forgotten.Sum());
        await _store.PurgeAsync(1, CancellationToken.None);
        Assert.Equal(0, _store.Count);
    }

    /// <summary>How many claims were granted on a record that was not in the store any more when it was completed.</summary>
    private async Task<int> ClaimAndCompleteAsync(Idempotency.Keys.IdempotencyKey key)
    {
        var (claimed, forgotten) = (0, 0);
        while (claimed < Claims)
        {
            var request = new ClaimRequest(OwnerToken.New(), TimeSpan.FromDays(1), OnCrash.Retry, default);
            if (await _store.TryClaimAsync(key, request, CancellationToken.None) is Claim.Acquired acquired)
            {
                var owner = new Ownership(request.Token, acquired.Fence);
                var answer = await _store.CompleteAsync(key, owner, StoredOutcome.OfValue(null), TimeSpan.FromTicks(1), CancellationToken.None);
                forgotten += answer == OwnerAnswer.Accepted ? 0 : 1;
                claimed++;
            }
        }

        return forgotten;
    }

    /// <summary>Every look at it takes a tick, so that what is kept for one has expired at the next.</summary>
    private sealed class TickingTimeProvider : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Increment(ref _now);
    }
}
