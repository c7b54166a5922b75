using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The store contract written once more, plainly and for one thread; and then broken, one flaw at a time.</summary>
internal sealed class FlawedStore(TimeProvider time, Flaws flaws) : IIdempotencyStore
{
    private static readonly TimeSpan s_tombstone = TimeSpan.FromMinutes(10);

    private readonly Dictionary<IdempotencyKey, Row> _rows = [];
    private long _changes;

    private DateTimeOffset Now => time.GetUtcNow();

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) => new(Decide(key, request));

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        if (Find(key) is not { } row || !(Has(Flaws.RenewalOnlyLooksForARecord) || row.IsOpenFor(owner)))
        {
            return new(OwnerAnswer.Fenced);
        }

        row.Owner = owner;
        Extend(row, lease);
        return new(OwnerAnswer.Accepted);
    }

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        if (Find(key) is not { } row)
        {
            return new(OwnerAnswer.Fenced);
        }

        if (Has(Flaws.CompletionIsNotChecked) || (row.IsOpenFor(owner) && !(Has(Flaws.CompletionNeedsTheLease) && row.LeaseUntil <= Now)))
        {
            row.Outcome = outcome;
            End(row, outcome.IsFailure ? RecordState.Failed : RecordState.Completed, retention);
            return new(OwnerAnswer.Accepted);
        }

        return new(row.Outcome is not null && row.Owner == owner ? OwnerAnswer.Accepted : OwnerAnswer.Fenced);
    }

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken)
    {
        if (Find(key) is { } row && (Has(Flaws.ReleaseIsNotChecked) || row.IsOpenFor(owner)))
        {
            Free(row);
            return new(OwnerAnswer.Accepted);
        }

        return new(Find(key)?.Ended.Contains(owner.Token) == true ? OwnerAnswer.Accepted : OwnerAnswer.Fenced);
    }

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        var row = Find(key) ?? Add(key);
        if (row.IsOpen && row.Owner.Token == token)
        {
            Free(row);
        }
        else
        {
            row.Ended.Add(token);
            row.ExpiresAt = row.State == RecordState.Released ? Now + s_tombstone : row.ExpiresAt;
        }

        return default;
    }

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) => new(Find(key)?.Describe(key));

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Waits of the simulation end at the network.");

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        if (Find(key) is not { IsOpen: true } row || row.Version != version || (row.State == RecordState.InProgress && Now < row.LeaseUntil))
        {
            return new(false);
        }

        row.Ended.Add(row.Owner.Token);
        row.Owner = default;
        row.Outcome = outcome;
        End(
            row,
            outcome is null ? RecordState.Released : outcome.IsFailure ? RecordState.Failed : RecordState.Completed,
            outcome is null ? s_tombstone : retention);
        return new(true);
    }

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        var expired = _rows.Where(row => row.Value.ExpiresAt <= Now).Select(row => row.Key).Take(max).ToList();
        expired.ForEach(key => _rows.Remove(key));
        return new(expired.Count);
    }

    private Claim Decide(IdempotencyKey key, ClaimRequest request)
    {
        var row = Find(key) ?? Add(key);
        if (row.Ended.Contains(request.Token) && !Has(Flaws.EndedTokensAreForgotten))
        {
            return Claim.Stale;
        }

        if (row.State == RecordState.Released)
        {
            return Grant(row, request, takenOver: false);
        }

        if (!row.Fingerprint.Span.SequenceEqual(request.Fingerprint.Span) && !Has(Flaws.FingerprintIsIgnored))
        {
            return Claim.Mismatch;
        }

        if (row.Outcome is { } outcome)
        {
            return new Claim.Finished(outcome);
        }

        if (row.Owner.Token == request.Token && !Has(Flaws.ClaimIsNotRecognised))
        {
            Extend(row, request.Lease);
            return new Claim.Acquired(row.Owner.Fence, row.Attempt, TakenOver: false);
        }

        var isFreeForAll = Has(Flaws.EveryWaiterTakesOver) && row.Waiters.Remove(request.Token) && row.Attempt > 1;
        if (row.State == RecordState.InProgress && Now < row.LeaseUntil && !isFreeForAll)
        {
            row.Waiters.Add(request.Token);
            return new Claim.Busy(row.Attempt, row.LeaseUntil - Now, row.Version);
        }

        if (row.State == RecordState.InProgress && (request.OnCrash == OnCrash.Retry || Has(Flaws.HoldIsIgnored)))
        {
            row.Ended.Add(row.Owner.Token);
            return Grant(row, request, takenOver: true);
        }

        row.State = RecordState.InDoubt;
        row.Version = ++_changes;
        return new Claim.InDoubt(row.Attempt, Now);
    }

    private Claim.Acquired Grant(Row row, ClaimRequest request, bool takenOver)
    {
        row.Fingerprint = request.Fingerprint;
        row.Outcome = null;
        row.Attempt++;
        row.StartedAt = Now;
        Extend(row, request.Lease);
        row.Owner = new Ownership(request.Token, row.Version);
        return new Claim.Acquired(row.Version, row.Attempt, takenOver);
    }

    private void Extend(Row row, TimeSpan lease)
    {
        row.State = RecordState.InProgress;
        row.LeaseUntil = Has(Flaws.LeaseNeverEnds) ? DateTimeOffset.MaxValue : Now + lease;
        row.ExpiresAt = null;
        row.Version = ++_changes;
    }

    private void Free(Row row)
    {
        row.Ended.Add(row.Owner.Token);
        End(row, RecordState.Released, s_tombstone);
    }

    private void End(Row row, RecordState state, TimeSpan retention)
    {
        row.State = state;
        row.ExpiresAt = (Has(Flaws.RetentionStartsWithClaim) ? row.StartedAt : Now) + retention;
        row.Version = ++_changes;
    }

    private Row? Find(IdempotencyKey key) => _rows.TryGetValue(key, out var row) && !(row.ExpiresAt <= Now) ? row : null;

    private Row Add(IdempotencyKey key) => _rows[key] = new Row();

    private bool Has(Flaws flaw) => flaws.HasFlag(flaw);

    private sealed class Row
    {
        public RecordState State { get; set; } = RecordState.Released;

        public Ownership Owner { get; set; }

        public HashSet<OwnerToken> Ended { get; } = [];

        public HashSet<OwnerToken> Waiters { get; } = [];

        public ReadOnlyMemory<byte> Fingerprint { get; set; }

        public StoredOutcome? Outcome { get; set; }

        public int Attempt { get; set; }

        public long Version { get; set; }

        public DateTimeOffset StartedAt { get; set; }

        public DateTimeOffset LeaseUntil { get; set; }

        public DateTimeOffset? ExpiresAt { get; set; }

        public bool IsOpen => State is RecordState.InProgress or RecordState.InDoubt;

        public bool IsOpenFor(Ownership owner) => IsOpen && Owner == owner;

        public OperationRecord Describe(IdempotencyKey key) => new()
        {
            Key = key,
            State = State,
            Version = Version,
            Fence = Owner.Fence,
            Attempt = Attempt,
            Fingerprint = Fingerprint,
            StartedAt = StartedAt,
            Outcome = Outcome,
        };
    }
}
