using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>
/// Stands in front of sound stores and does with their own steps what a flawed one would do. It knows every grant, as the flawed
/// store would.
/// </summary>
internal sealed class FlawedView(Flaws flaws)
{
    private static readonly TimeSpan s_lease = TimeSpan.FromDays(1);

    private readonly Dictionary<long, OwnerToken> _grants = [];
    private readonly HashSet<OwnerToken> _waiters = [];

    public IIdempotencyStore Of(IIdempotencyStore store, TimeProvider time) => new View(this, store, time);

    private bool Has(Flaws flaw) => flaws.HasFlag(flaw);

    private sealed class View(FlawedView all, IIdempotencyStore store, TimeProvider time) : IIdempotencyStore
    {
        public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
        {
            request = request with
            {
                OnCrash = all.Has(Flaws.HoldIsIgnored) ? OnCrash.Retry : request.OnCrash,
                Fingerprint = all.Has(Flaws.FingerprintIsIgnored) ? default : request.Fingerprint,
            };
            var answer = await store.TryClaimAsync(key, request, cancellationToken);
            if (answer is Claim.Busy { Attempt: > 1 } && all.Has(Flaws.EveryWaiterTakesOver) && all._waiters.Remove(request.Token)
                && await OwnerAsync(key, cancellationToken) is { } owner)
            {
                await store.RenewAsync(key, owner, TimeSpan.Zero, cancellationToken);
                answer = await store.TryClaimAsync(key, request with { OnCrash = OnCrash.Retry }, cancellationToken);
            }

            if (answer is Claim.Busy)
            {
                all._waiters.Add(request.Token);
            }

            return answer is Claim.Acquired acquired && !all._grants.TryAdd(acquired.Fence, request.Token) && all.Has(Flaws.ClaimIsNotRecognised)
                ? new Claim.Busy(acquired.Attempt, request.Lease, acquired.Fence)
                : answer;
        }

        public async ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken)
        {
            if (all.Has(Flaws.LeaseNeverEnds))
            {
                lease = s_lease;
            }

            var answer = await store.RenewAsync(key, owner, lease, cancellationToken);
            return all.Has(Flaws.RenewalOnlyLooksForARecord) && await store.GetAsync(key, cancellationToken) is not null ? OwnerAnswer.Accepted : answer;
        }

        public async ValueTask<OwnerAnswer> CompleteAsync(
            IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
        {
            var record = await store.GetAsync(key, cancellationToken);
            if (all.Has(Flaws.CompletionNeedsTheLease) && record is { State: RecordState.InDoubt } or { State: RecordState.InProgress, LeaseUntil: not null })
            {
                return OwnerAnswer.Fenced;
            }

            if (all.Has(Flaws.RetentionStartsWithClaim) && record is not null)
            {
                retention = new[] { retention - (time.GetUtcNow() - record.StartedAt), TimeSpan.FromTicks(1) }.Max();
            }

            var answer = await store.CompleteAsync(key, owner, outcome, retention, cancellationToken);
            return answer == OwnerAnswer.Fenced && all.Has(Flaws.CompletionIsNotChecked) && await OwnerAsync(key, cancellationToken) is { } another
                ? await store.CompleteAsync(key, another, outcome, retention, cancellationToken)
                : answer;
        }

        public async ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
            await store.ReleaseAsync(key, all.Has(Flaws.ReleaseIsNotChecked) ? await OwnerAsync(key, cancellationToken) ?? owner : owner, cancellationToken);

        public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
            store.AbandonAsync(key, token, cancellationToken);

        public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => store.GetAsync(key, cancellationToken);

        public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Waits of the simulation end at the network.");

        public ValueTask<bool> ResolveAsync(
            IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
            store.ResolveAsync(key, version, outcome, retention, cancellationToken);

        public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => store.PurgeAsync(max, cancellationToken);

        /// <summary>Who owns the key now, if anybody does.</summary>
        private async ValueTask<Ownership?> OwnerAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
            await store.GetAsync(key, cancellationToken) is { State: RecordState.InProgress or RecordState.InDoubt } record
                ? new Ownership(all._grants[record.Fence], record.Fence)
                : null;
    }
}
