using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>
/// The oracle: hears every answer of the store at the moment it is given and every step of every body, and says when a promise
/// is broken. It trusts neither the guard nor the store, only the clock.
/// </summary>
internal sealed class Ledger(World world)
{
    private readonly Dictionary<string, KeyHistory> _histories = world.Policies.ToDictionary(policy => policy.Operation, policy => new KeyHistory(policy));
    private readonly Dictionary<long, Grant> _grants = [];
    private readonly HashSet<OwnerToken> _started = [];
    private readonly Dictionary<OwnerToken, Epoch> _abandoned = [];

    public List<BodyRun> Runs { get; } = [];

    public KeyHistory Of(string operation) => _histories[operation];

    public Grant? GrantOf(long fence) => _grants.GetValueOrDefault(fence);

    public void Claimed(SimulatedProcess caller, IdempotencyKey key, ClaimRequest request, Claim answer)
    {
        var history = Of(key.Operation);
        history.Key ??= key;
        switch (answer)
        {
            case Claim.Acquired acquired:
                var grant = history.Acquire(caller, request.Token, acquired.Fence, EndOf(request.Lease), world.Now);
                world.Require(_grants.GetValueOrDefault(acquired.Fence, grant) == grant, "A fence was given to two grants.");
                world.Require(!IsRemembered(request.Token, grant.Epoch), "A claim was granted that had been abandoned.");
                _grants[acquired.Fence] = grant;
                break;
            case Claim.Busy or Claim.InDoubt:
                world.Require(history.Open?.Token != request.Token, "A caller was blocked by its own claim.");
                break;
            case Claim.Finished finished:
                world.Require(IsSame(finished.Outcome, history.Epoch.Outcome), "A stored outcome changed.");
                world.Require(!history.Epoch.IsOver(world.Now), "An outcome was replayed after its retention.");
                break;
        }
    }

    public void Renewed(IdempotencyKey key, Ownership owner, TimeSpan lease, OwnerAnswer answer)
    {
        if (Answered(owner, answer, mayRepeat: false) is { } grant)
        {
            world.Require(grant.End == GrantEnd.Open, "An attempt that no longer owns its key could renew its lease.");
            grant.LeaseUntil = EndOf(lease);
        }
    }

    public void Completed(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, OwnerAnswer answer)
    {
        if (Answered(owner, answer, mayRepeat: true) is not { } grant)
        {
            return;
        }

        var policy = Of(key.Operation).Policy;
        world.Require(grant.IsCurrent, "An attempt that no longer owns its key could store its outcome.");
        if (outcome.IsFailure)
        {
            world.Require(grant.Run?.Failure is { } failure && policy.MayKeep(failure), "A failure was kept that the policy does not keep.");
        }
        else
        {
            world.Require(grant.Run is { HadEffect: true, Failure: null }, "A key was completed whose effect did not happen.");
        }

        if (grant.End == GrantEnd.Open)
        {
            Of(key.Operation).Finish(GrantEnd.Finished, outcome, retention, world.Now);
        }
    }

    public void Released(IdempotencyKey key, Ownership owner, OwnerAnswer answer)
    {
        if (Answered(owner, answer, mayRepeat: false) is not { End: GrantEnd.Open } grant)
        {
            return;
        }

        var history = Of(key.Operation);
        var failure = grant.Run?.Failure;
        world.Require(failure is not null, "A key was freed whose body had not failed.");
        world.Require(failure is null || history.Policy.MayFree(failure), "A key was freed after a failure that the policy does not free.");
        history.Free(GrantEnd.Released, world.Now);
    }

    public void Abandoned(IdempotencyKey key, OwnerToken token)
    {
        world.Require(!_started.Contains(token), "A claim was abandoned whose body had started.");
        var history = Of(key.Operation);
        history.BeginEpochIfOver(world.Now);
        _abandoned[token] = history.Epoch;
        history.Epoch.EndedTokens++;
        if (history.Open?.Token == token)
        {
            history.Free(GrantEnd.Abandoned, world.Now);
        }
    }

    public void Resolved(IdempotencyKey key, StoredOutcome? outcome, TimeSpan retention)
    {
        var history = Of(key.Operation);
        world.Require(history.Open?.LeaseUntil <= world.Now, "A key was resolved while its owner's lease lasted.");
        if (outcome is null)
        {
            history.Free(GrantEnd.Resolved, world.Now);
        }
        else
        {
            history.Finish(GrantEnd.Resolved, outcome, retention, world.Now);
        }
    }

    public BodyRun Started(SimulatedCall call, long fence)
    {
        world.Require(_grants.ContainsKey(fence), "A body started that nobody had granted a claim.");
        var grant = GrantOf(fence) ?? new Grant(new Epoch(0), call.Process, default, fence, world.Now);
        var run = new BodyRun(Runs.Count, grant, call);
        var epoch = grant.Epoch;
        epoch.Starts++;
        grant.Run = run;
        Runs.Add(run);
        world.Require(_started.Add(grant.Token), "One claim started two bodies.");
        world.Require(!_abandoned.ContainsKey(grant.Token), "A body started whose claim had been abandoned.");

        // In calm weather no lease may lapse; under Hold a lapse allows nothing in any weather.
        var lapses = call.Policy.OnCrash == OnCrash.Retry && !world.Weather.IsCalm ? epoch.Lapses : 0;
        world.Require(
            epoch.Starts <= 1 + lapses + epoch.Releases,
            $"The body ran {epoch.Starts} times in one epoch, after {lapses} lapsed leases and {epoch.Releases} releases.");
        return run;
    }

    public void HadEffect(BodyRun run)
    {
        var epoch = run.Grant.Epoch;
        run.HadEffect = true;
        epoch.Effects++;
        var lapses = run.Call.Policy.OnCrash == OnCrash.Retry ? epoch.Lapses : 0;
        world.Require(epoch.Effects <= 1 + lapses + epoch.EffectsGivenUp, "The effect happened too often in one epoch.");
    }

    /// <summary>Whose leases were their owner's life, they are over.</summary>
    public void Died(SimulatedProcess process)
    {
        foreach (var open in _histories.Values.Select(static history => history.Open))
        {
            if (open?.Owner == process && open.LeaseUntil > world.Now)
            {
                open.LeaseUntil = world.Now;
            }
        }
    }

    /// <summary>When a lease that begins now is over; one that is its owner's life ends with that, or when it is given up.</summary>
    private TimeSpan EndOf(TimeSpan lease) => world.Subject.LeaseIsLife && lease > TimeSpan.Zero ? TimeSpan.MaxValue : world.Now + lease;

    /// <summary>A store that outlives its process gives back what it was given, but not the object itself.</summary>
    private bool IsSame(StoredOutcome outcome, StoredOutcome? kept) =>
        ReferenceEquals(outcome, kept)
        || (kept is { HasValue: true } && outcome.HasValue && ReferenceEquals(outcome.Value, kept.Value)) // the object itself, whatever is around it
        || (world.Subject.LeaseIsLife && kept is { HasValue: false } && outcome.IsFailure == kept.IsFailure && outcome.Payload.Span.SequenceEqual(kept.Payload.Span));

    /// <summary>Whether a store must still know that the token was abandoned: it remembers the last few of a record.</summary>
    private bool IsRemembered(OwnerToken token, Epoch epoch) =>
        _abandoned.TryGetValue(token, out var abandonedIn) && abandonedIn == epoch && epoch.EndedTokens <= 8;

    /// <summary>The grant, when its owner's write was accepted.</summary>
    private Grant? Answered(Ownership owner, OwnerAnswer answer, bool mayRepeat)
    {
        if (GrantOf(owner.Fence) is not { } grant || grant.Token != owner.Token)
        {
            world.Require(answer == OwnerAnswer.Fenced, "A write was accepted from somebody who was never granted the key.");
            return null;
        }

        if (answer == OwnerAnswer.Accepted)
        {
            return grant;
        }

        var isOwner = grant.End == GrantEnd.Open || (mayRepeat && grant.IsCurrent && !grant.Epoch.IsOver(world.Now));
        world.Require(!isOwner, "An owner was fenced off that nobody had taken the key from.");
        return null;
    }
}
