using System.Collections.Concurrent;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>A store with one planted fault, to see that a scenario finds it.</summary>
public sealed class FlawedStore(IIdempotencyStore inner, string flaw) : IIdempotencyStore
{
    /// <summary>A busy key is granted all the same.</summary>
    public const string BusyIsFree = "busy is free";

    /// <summary>A key in doubt is granted all the same: at most once, no more.</summary>
    public const string DoubtIsFree = "doubt is free";

    /// <summary>The outcome is acknowledged and not stored.</summary>
    public const string OutcomeForgotten = "outcome forgotten";

    /// <summary>The key of a finished body is freed.</summary>
    public const string CompletedIsFreed = "completed is freed";

    /// <summary>The claim is not stored before the body runs.</summary>
    public const string ClaimForgotten = "claim forgotten";

    /// <summary>A renewal is acknowledged and not done.</summary>
    public const string RenewalForgotten = "renewal forgotten";

    /// <summary>A claim whose answer is lost counts as granted.</summary>
    public const string SilenceGrants = "silence grants";

    /// <summary>Not a fault: a lease that is over as soon as it is given, as those of a store with a clock are when their owner was stopped for long.</summary>
    public const string LeaseLapses = "lease lapses";

    private readonly ConcurrentDictionary<OwnerToken, long> _madeUp = new();

    public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        if (flaw == ClaimForgotten && await inner.GetAsync(key, cancellationToken) is null)
        {
            return MakeUp(request);
        }

        Claim answer;
        try
        {
            answer = await inner.TryClaimAsync(key, flaw == LeaseLapses ? request with { Lease = TimeSpan.Zero } : request, cancellationToken);
        }
        catch (Exception) when (flaw == SilenceGrants)
        {
            return MakeUp(request); // whatever failed
        }

        return (answer, flaw) is (Claim.Busy, BusyIsFree) or (Claim.InDoubt, DoubtIsFree) ? MakeUp(request) : answer;
    }

    public async ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        flaw is RenewalForgotten or LeaseLapses || _madeUp.ContainsKey(owner.Token) ? OwnerAnswer.Accepted : await inner.RenewAsync(key, owner, lease, cancellationToken);

    public async ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        if (flaw == ClaimForgotten && _madeUp.ContainsKey(owner.Token)
            && await inner.TryClaimAsync(key, new ClaimRequest(owner.Token, TimeSpan.FromMinutes(1), OnCrash.Retry, default), cancellationToken) is Claim.Acquired late)
        {
            return await inner.CompleteAsync(key, owner with { Fence = late.Fence }, outcome, retention, cancellationToken);
        }

        return flaw switch
        {
            OutcomeForgotten => OwnerAnswer.Accepted,
            CompletedIsFreed => await inner.ReleaseAsync(key, owner, cancellationToken),
            _ when _madeUp.ContainsKey(owner.Token) => OwnerAnswer.Accepted,
            _ => await inner.CompleteAsync(key, owner, outcome, retention, cancellationToken),
        };
    }

    public async ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        _madeUp.ContainsKey(owner.Token) ? OwnerAnswer.Accepted : await inner.ReleaseAsync(key, owner, cancellationToken);

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) => inner.AbandonAsync(key, token, cancellationToken);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        inner.WaitAsync(key, version, timeout, cancellationToken);

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        inner.ResolveAsync(key, version, outcome, retention, cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);

    private Claim.Acquired MakeUp(ClaimRequest request) =>
        new(_madeUp.GetOrAdd(request.Token, static _ => long.MaxValue / 2), Attempt: 1, TakenOver: false);
}
