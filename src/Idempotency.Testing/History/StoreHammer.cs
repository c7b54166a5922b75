using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>Random calls of many callers at once, on few keys: late ones, repeated ones, and those of owners that lost their record.</summary>
/// <remarks>What each caller does is drawn from the seed; how the callers meet is up to the machine.</remarks>
public sealed class StoreHammer
{
    private readonly List<(IdempotencyKey Key, Ownership Owner)> _grants = [];
    private readonly Lock _gate = new();

    /// <summary>Where the random choices start; 1 by default.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many callers there are, each a thread of its own; 6 by default.</summary>
    public int Callers { get; init; } = 6;

    /// <summary>How many calls each makes; 200 by default.</summary>
    public int Calls { get; init; } = 200;

    /// <summary>How many keys there are; 4 by default. Few keys mean many conflicts.</summary>
    public int Keys { get; init; } = 4;

    /// <summary>What claims and renewals ask for, but one renewal in four asks for none; without end by default, so that nothing depends on time.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.MaxValue;

    /// <summary>How long outcomes are kept; without end by default.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.MaxValue;

    /// <summary>The crash policy of all claims; <see cref="OnCrash.Retry"/> by default.</summary>
    public OnCrash OnCrash { get; init; }

    /// <summary>Called before every call, with the caller's random numbers: to let time pass. Nothing by default.</summary>
    public Action<Random>? Between { get; init; }

    /// <summary>Makes the calls, and ends when all callers have.</summary>
    /// <param name="history">Where they are recorded.</param>
    /// <param name="views">Views on the same records, which the callers share out among them. A call of one that throws counts as unanswered.</param>
    /// <exception cref="ArgumentException">There is no view.</exception>
    public async Task RunAsync(StoreHistory history, params IReadOnlyList<IIdempotencyStore> views)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(views);
        if (views.Count == 0)
        {
            throw new ArgumentException("There is nothing to hammer on.", nameof(views));
        }

        var keys = Enumerable.Range(0, Keys).Select(static _ => IdempotencyKey.FromCanonical("hammer", Guid.NewGuid().ToByteArray())).ToList();
        var recorded = views.Select(history.Record).ToList();
        await Threads.AtOnceAsync(Callers, async caller =>
        {
            var random = new Random(unchecked((Seed * 1_000_003) + caller));
            for (var call = 0; call < Calls; call++)
            {
                Between?.Invoke(random);
                await CallAsync(recorded[caller % recorded.Count], keys[random.Next(keys.Count)], random).ConfigureAwait(false);
            }

            return caller;
        }).ConfigureAwait(false);
    }

    private async Task CallAsync(IIdempotencyStore store, IdempotencyKey key, Random random)
    {
        try
        {
            switch (random.Next(100))
            {
                case < 40:
                    await ClaimAsync(store, key, random).ConfigureAwait(false);
                    break;
                case < 80:
                    await WriteAsync(store, random).ConfigureAwait(false);
                    break;
                case < 86:
                    await AbandonAsync(store, key, random).ConfigureAwait(false);
                    break;
                case < 96:
                    await store.GetAsync(key, CancellationToken.None).ConfigureAwait(false);
                    break;
                case < 98:
                    await ResolveAsync(store, key, random).ConfigureAwait(false);
                    break;
                default:
                    await store.PurgeAsync(100, CancellationToken.None).ConfigureAwait(false);
                    break;
            }
        }
#pragma warning disable CA1031 // Whatever a store throws, its caller knows nothing then; the history says so, and the caller goes on.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private async Task ClaimAsync(IIdempotencyStore store, IdempotencyKey key, Random random)
    {
        var known = Recent(random);
        var again = known is not null && random.Next(5) == 0; // the same call once more, however late
        var (claimed, token) = again ? (known!.Value.Key, known.Value.Owner.Token) : (key, OwnerToken.New());
        var fingerprint = random.Next(10) == 0 ? new byte[] { 1 } : [];
        var answer = await store.TryClaimAsync(claimed, new ClaimRequest(token, Lease, OnCrash, fingerprint), CancellationToken.None).ConfigureAwait(false);
        if (answer is Claim.Acquired granted)
        {
            lock (_gate)
            {
                _grants.Add((claimed, new Ownership(token, granted.Fence)));
            }
        }
    }

    private async Task WriteAsync(IIdempotencyStore store, Random random)
    {
        if (Recent(random) is not var (key, owner))
        {
            return;
        }

        owner = random.Next(10) == 0 ? owner with { Fence = owner.Fence + 1 } : owner;
        var outcome = new StoredOutcome(random.Next(4) == 0, BitConverter.GetBytes(random.Next()));
        await (random.Next(10) switch
        {
            < 4 => store.RenewAsync(key, owner, random.Next(4) == 0 ? TimeSpan.Zero : Lease, CancellationToken.None).AsTask(),
            < 7 => store.CompleteAsync(key, owner, outcome, Retention, CancellationToken.None).AsTask(),
            _ => store.ReleaseAsync(key, owner, CancellationToken.None).AsTask(),
        }).ConfigureAwait(false);
    }

    private async Task AbandonAsync(IIdempotencyStore store, IdempotencyKey key, Random random)
    {
        var (abandoned, token) = random.Next(2) == 0 && Recent(random) is var (known, owner) ? (known, owner.Token) : (key, OwnerToken.New());
        await store.AbandonAsync(abandoned, token, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task ResolveAsync(IIdempotencyStore store, IdempotencyKey key, Random random)
    {
        if (await store.GetAsync(key, CancellationToken.None).ConfigureAwait(false) is { } record)
        {
            var outcome = random.Next(2) == 0 ? null : new StoredOutcome(isFailure: false, BitConverter.GetBytes(random.Next()));
            await store.ResolveAsync(key, record.Version, outcome, Retention, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>A grant of late, of whichever caller.</summary>
    private (IdempotencyKey Key, Ownership Owner)? Recent(Random random)
    {
        lock (_gate)
        {
            return _grants.Count == 0 ? null : _grants[^(1 + random.Next(Math.Min(3 * Keys, _grants.Count)))];
        }
    }
}
