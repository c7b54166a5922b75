using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What the store has granted for one key and what became of it, written down outside the store.</summary>
internal sealed class KeyHistory(Policy policy)
{
    private readonly List<Grant> _grants = [];

    public Policy Policy => policy;

    /// <summary>The key, once a caller has claimed it.</summary>
    public IdempotencyKey? Key { get; set; }

    /// <summary>The fingerprints that callers have sent.</summary>
    public HashSet<int> Variants { get; } = [];

    public Epoch Epoch { get; private set; } = new(1);

    /// <summary>The grant that nothing has ended yet.</summary>
    public Grant? Open { get; private set; }

    /// <summary>Writes a grant down, or a fresh lease when it is the open one's. Gives the grant.</summary>
    public Grant Acquire(SimulatedProcess owner, OwnerToken token, long fence, TimeSpan leaseUntil, TimeSpan now)
    {
        if (Open is { } open && open.Token == token && open.Fence == fence)
        {
            open.LeaseUntil = leaseUntil;
            return open;
        }

        if (Open is { } previous)
        {
            // Not counted as a lapse unless the lease was over: a store that grants too early allows no second start.
            Epoch.Lapses += previous.LeaseUntil <= now ? 1 : 0;
            Close(GrantEnd.TakenOver, now);
        }

        BeginEpochIfOver(now);
        Open = new Grant(Epoch, owner, token, fence, now) { LeaseUntil = leaseUntil };
        _grants.Add(Open);
        return Open;
    }

    public void BeginEpochIfOver(TimeSpan now)
    {
        if (Epoch.IsOver(now))
        {
            Epoch = new Epoch(Epoch.Number + 1);
        }
    }

    public void Finish(GrantEnd how, StoredOutcome outcome, TimeSpan retention, TimeSpan now)
    {
        Epoch.Winner = Open;
        Epoch.Outcome = outcome;
        Epoch.EndsAt = now + retention;
        Close(how, now);
    }

    public void Free(GrantEnd how, TimeSpan now)
    {
        Epoch.EffectsGivenUp += how == GrantEnd.Released && Open?.Run is { HadEffect: true } ? 1 : 0;
        Epoch.Releases += how is GrantEnd.Released or GrantEnd.Resolved ? 1 : 0;
        Close(how, now);
    }

    /// <summary>Whether another's grant, or an outcome still kept, was there at some time since <paramref name="since"/>.</summary>
    public bool WasTakenSince(TimeSpan since, SimulatedCall by) => _grants.Exists(grant =>
        grant.Run?.Call != by && (grant.EndedAt is not { } end || end >= since || (grant == grant.Epoch.Winner && grant.Epoch.EndsAt >= since)));

    /// <summary>Whether another's grant was there, without an outcome, at some time since <paramref name="since"/>.</summary>
    public bool WasHeldSince(TimeSpan since, SimulatedCall by) =>
        _grants.Exists(grant => grant.Run?.Call != by && (grant.EndedAt is not { } end || end >= since));

    /// <summary>Whether an owner's lease was over at some time since <paramref name="since"/> while it had not reported.</summary>
    public bool WasInDoubtSince(TimeSpan since, bool needsReason) => _grants.Exists(grant =>
        (grant.EndedAt is not { } end || end >= since)
        && (!needsReason || (grant.Run?.Failure is { } failure && Policy.IsAmbiguous(failure))));

    /// <summary>Whether this failure was kept at some time since <paramref name="since"/>.</summary>
    public bool WasFailedSince(TimeSpan since, Predicate<Exception> with) => _grants.Exists(grant =>
        grant == grant.Epoch.Winner && grant.Epoch.Outcome!.IsFailure && grant.Epoch.EndsAt > since && grant.Run?.Failure is { } failure && with(failure));

    private void Close(GrantEnd how, TimeSpan now)
    {
        Epoch.EndedTokens++;
        Open!.End = how;
        Open.EndedAt = now;
        Open = null;
    }
}
