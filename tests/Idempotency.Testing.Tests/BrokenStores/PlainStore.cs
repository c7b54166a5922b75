using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>The store contract said plainly, under one lock; and then broken, one flaw at a time.</summary>
internal sealed class PlainStore(TimeProvider time, Flaw flaw = Flaw.None) : IIdempotencyStore
{
    private static readonly TimeSpan s_tombstone = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Row> _rows = [];
    private readonly long _start = time.GetTimestamp();
    private readonly DateTimeOffset _startUtc = time.GetUtcNow();
    private long _changes;

    private DateTimeOffset Now => Is(Flaw.LeaseIsOfTheWallClock) ? time.GetUtcNow() : _startUtc + time.GetElapsedTime(_start);

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        if (Is(Flaw.ClaimLooksAndThenTakes))
        {
            bool isFree;
            lock (_gate)
            {
                isFree = Find(key) is not { } found || found.State == RecordState.Released;
            }

            Thread.Yield();
            lock (_gate)
            {
                var seen = Find(key) ?? Add(key);
                return new(isFree && !seen.Ended.Contains(request.Token) ? Grant(seen, request, takenOver: false) : Decide(key, request));
            }
        }

        return Step(() => Decide(key, request), cancellationToken);
    }

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        Step(() =>
        {
            if (Find(key) is not { IsOpen: true } row || !(row.IsMine(owner) || Is(Flaw.RenewalIsNotChecked)))
            {
                return OwnerAnswer.Fenced;
            }

            Extend(row, lease == TimeSpan.Zero && Is(Flaw.ZeroLeaseIsTheDefault) ? TimeSpan.FromSeconds(30) : lease, wakes: lease == TimeSpan.Zero);
            return OwnerAnswer.Accepted;
        }, cancellationToken);

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        Step(() => Complete(key, owner, outcome, retention), cancellationToken);

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        Step(() =>
        {
            if (Find(key) is not { } row)
            {
                return OwnerAnswer.Fenced;
            }

            if (row.IsOpen && (row.IsMine(owner) || Is(Flaw.ReleaseIsNotChecked)))
            {
                Free(row);
                return OwnerAnswer.Accepted;
            }

            var repeated = row.Ended.Contains(owner.Token) || (row.State == RecordState.Released && row.IsMine(owner));
            return repeated && !Is(Flaw.RepeatedReleaseIsRefused) ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
        }, cancellationToken);

    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        await Step(() =>
        {
            if (Is(Flaw.AbandonNeedsARecord) && Find(key) is null)
            {
                return false;
            }

            var row = Find(key) ?? Add(key);
            if (row.IsOpen && row.Owner == token)
            {
                Free(row);
                return true;
            }

            End(row, token);
            if (row.State == RecordState.Released)
            {
                row.ExpiresAt = Now + s_tombstone;
                Change(row, wakes: false);
            }

            return true;
        }, cancellationToken);

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        Step(() => Find(key) is not { } row ? null : new OperationRecord
        {
            Key = row.Key,
            State = row.State,
            Version = row.Version,
            Fence = row.Fence,
            Attempt = row.Attempt,
            Fingerprint = row.Fingerprint,
            StartedAt = row.StartedAt,
            LeaseUntil = row.State == RecordState.InProgress ? row.LeaseUntil : null,
            ExpiresAt = row.ExpiresAt,
            Outcome = row.Outcome,
        }, cancellationToken);

    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (changed, longest) = await Step(
            () => Find(key) is { State: RecordState.InProgress } row && row.Version == version && Now < row.LeaseUntil
                ? (row.Changed.Task, row.LeaseUntil - Now)
                : (Task.CompletedTask, TimeSpan.Zero),
            cancellationToken);
        if (Is(Flaw.WaitsDoNotWait) || (timeout <= TimeSpan.Zero && !Is(Flaw.WaitsAreEndless)))
        {
            return;
        }

        if (Is(Flaw.WaitsAreEndless))
        {
            await changed;
            return;
        }

        var shortest = new[] { timeout, longest, TimeSpan.FromDays(1) }.Min();
        await changed.WaitAsync(shortest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        Step(() => Resolve(key, version, outcome, retention), cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) =>
        Step(() =>
        {
            var gone = _rows.Where(entry => IsExpired(entry.Value)
                || (Is(Flaw.PurgeRemovesWhatRuns) && entry.Value.IsOpen && entry.Value.StartedAt + TimeSpan.FromHours(1) <= Now)).Select(static entry => entry.Key);
            var removed = Is(Flaw.PurgeIsUnbounded) ? gone.ToList() : [.. gone.Take(max)];
            removed.ForEach(name => _rows.Remove(name));
            return removed.Count;
        }, cancellationToken);

    private bool Is(Flaw which) => flaw == which;

    private ValueTask<T> Step<T>(Func<T> step, CancellationToken cancellationToken)
    {
        if (!Is(Flaw.CancellationIsIgnored))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        lock (_gate)
        {
            return new ValueTask<T>(step());
        }
    }

    private Claim Decide(IdempotencyKey key, ClaimRequest request)
    {
        var row = Find(key) ?? Add(key);
        if (row.Ended.Contains(request.Token))
        {
            return Claim.Stale;
        }

        if (row.State == RecordState.Released)
        {
            return Grant(row, request, takenOver: false);
        }

        if (!IsSame(row.Fingerprint, request.Fingerprint.Span))
        {
            return Claim.Mismatch;
        }

        if (!row.IsOpen)
        {
            return new Claim.Finished(row.Outcome!);
        }

        if (row.Owner == request.Token && !Is(Flaw.ClaimIsNotRecognised))
        {
            Extend(row, request.Lease, wakes: false);
            return new Claim.Acquired(row.Fence, row.Attempt, TakenOver: false);
        }

        var leaseUntil = Is(Flaw.LeaseIsATickTooShort) ? row.LeaseUntil - TimeSpan.FromTicks(1) : row.LeaseUntil;
        if (row.State == RecordState.InProgress && (Now < leaseUntil || Is(Flaw.LeaseNeverEnds)))
        {
            var remaining = Is(Flaw.LeaseLastsAsLongAsItsOwner) ? request.Lease : row.LeaseUntil - Now;
            return new Claim.Busy(row.Attempt, remaining > TimeSpan.Zero ? remaining : TimeSpan.FromTicks(1), row.Version);
        }

        var retries = Is(Flaw.HoldIsRetry) || (request.OnCrash == OnCrash.Retry && !Is(Flaw.RetryIsHold));
        if (row.State == RecordState.InProgress && retries)
        {
            End(row, row.Owner!.Value);
            return Grant(row, request, takenOver: true);
        }

        if (row.State == RecordState.InProgress)
        {
            row.DoubtSince = Now;
            if (!Is(Flaw.DoubtIsNotKept))
            {
                row.State = RecordState.InDoubt;
                Change(row, wakes: true);
            }
        }

        return new Claim.InDoubt(row.Attempt, row.DoubtSince);
    }

    private OwnerAnswer Complete(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention)
    {
        if (Find(key) is not { } row)
        {
            return OwnerAnswer.Fenced;
        }

        var isMine = row.IsMine(owner) || Is(Flaw.CompletionIsNotChecked);
        var isOver = (Is(Flaw.CompletionNeedsTheLease) && row.LeaseUntil <= Now) || (Is(Flaw.CompletionOfDoubtIsRefused) && row.State == RecordState.InDoubt);
        if (isMine && !isOver && (row.IsOpen || (Is(Flaw.RepeatedCompletionReplaces) && row.Outcome is not null)))
        {
            Finish(row, outcome, retention);
            return OwnerAnswer.Accepted;
        }

        var repeated = row.IsMine(owner) && row.Outcome is { } stored && stored.IsFailure == outcome.IsFailure;
        return repeated && !Is(Flaw.RepeatedCompletionIsRefused) ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    private bool Resolve(IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention)
    {
        if (Find(key) is not { IsOpen: true } row || (row.Version != version && !Is(Flaw.ResolutionIgnoresTheVersion))
            || (row.State == RecordState.InProgress && Now < row.LeaseUntil && !Is(Flaw.ResolutionIgnoresTheLease)))
        {
            return false;
        }

        if (outcome is null)
        {
            Free(row);
            return true;
        }

        if (!Is(Flaw.ResolutionLeavesTheOwner))
        {
            End(row, row.Owner!.Value);
            row.Owner = null;
        }

        Finish(row, outcome, retention);
        return true;
    }

    private Claim.Acquired Grant(Row row, ClaimRequest request, bool takenOver)
    {
        row.Fingerprint = takenOver && Is(Flaw.TakeOverLosesTheFingerprint) ? [] : request.Fingerprint.ToArray();
        row.Owner = request.Token;
        row.Outcome = null;
        row.ExpiresAt = null;
        row.Attempt++;
        row.StartedAt = Now;
        Extend(row, request.Lease, wakes: true);
        row.Fence = Is(Flaw.FenceIsPerRecord) ? row.Attempt : row.Version;
        return new Claim.Acquired(row.Fence, row.Attempt, takenOver);
    }

    private void Extend(Row row, TimeSpan lease, bool wakes)
    {
        var version = row.Version;
        row.State = RecordState.InProgress;
        row.LeaseUntil = lease > TimeSpan.Zero && Is(Flaw.LeaseLastsAsLongAsItsOwner) ? DateTimeOffset.MaxValue : After(lease);
        if (Is(Flaw.RecordExpiresWithItsLease))
        {
            row.ExpiresAt = row.LeaseUntil;
        }

        Change(row, wakes);
        if (Is(Flaw.RenewalKeepsTheVersion) && !wakes)
        {
            row.Version = version;
        }
    }

    private void Finish(Row row, StoredOutcome outcome, TimeSpan retention)
    {
        var payload = flaw switch
        {
            Flaw.PayloadIsText => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(outcome.Payload.Span)),
            Flaw.PayloadIsCut => outcome.Payload.Span[..Math.Min(outcome.Payload.Length, 64 * 1024)].ToArray(),
            _ => outcome.Payload.ToArray(),
        };
        row.Outcome = new StoredOutcome(outcome.IsFailure && !Is(Flaw.FailureIsAResult), payload);
        row.State = row.Outcome.IsFailure ? RecordState.Failed : RecordState.Completed;
        row.ExpiresAt = Is(Flaw.RetentionStartsWithTheClaim) ? row.StartedAt + retention : After(retention);
        Change(row, wakes: true);
    }

    private void Free(Row row)
    {
        if (Is(Flaw.ReleaseDeletes))
        {
            row.Changed.TrySetResult();
            _rows.Remove(NameOf(row.Key));
            return;
        }

        End(row, row.Owner!.Value);
        row.State = RecordState.Released;
        row.ExpiresAt = Now + s_tombstone;
        Change(row, wakes: true);
    }

    private void Change(Row row, bool wakes)
    {
        row.Version = ++_changes;
        if (wakes && !Is(Flaw.WaitersAreNotWoken))
        {
            row.Changed.TrySetResult();
            row.Changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void End(Row row, OwnerToken token)
    {
        if (Is(Flaw.EndedTokensAreForgotten) || row.Ended.Contains(token))
        {
            return;
        }

        row.Ended.Add(token);
        if (row.Ended.Count > (Is(Flaw.OneEndedTokenIsRemembered) ? 1 : 8))
        {
            row.Ended.RemoveAt(0);
        }
    }

    private DateTimeOffset After(TimeSpan duration) => duration > DateTimeOffset.MaxValue - Now ? DateTimeOffset.MaxValue : Now + duration;

    private bool IsExpired(Row row) => row.ExpiresAt is { } expires && (Is(Flaw.RetentionIsATickTooLong) ? expires < Now : expires <= Now);

    private bool IsSame(byte[] known, ReadOnlySpan<byte> other) => flaw switch
    {
        Flaw.FingerprintIsIgnored => true,
        Flaw.FingerprintsAreComparedAsPrefixes => known.AsSpan().StartsWith(other) || other.StartsWith(known),
        _ => known.AsSpan().SequenceEqual(other),
    };

    private Row? Find(IdempotencyKey key) => _rows.TryGetValue(NameOf(key), out var row) && !IsExpired(row) ? row : null;

    private Row Add(IdempotencyKey key) => _rows[NameOf(key)] = new Row(key);

    private string NameOf(IdempotencyKey key) => flaw switch
    {
        Flaw.KeysAreLowerCased when !key.Canonical.IsEmpty => System.Text.Encoding.Latin1.GetString(key.Canonical).ToLowerInvariant(),
        Flaw.KeysAreCut when !key.Canonical.IsEmpty => Convert.ToHexString(key.Canonical[..Math.Min(64, key.Canonical.Length)]),
        _ => key.Text,
    };
}
