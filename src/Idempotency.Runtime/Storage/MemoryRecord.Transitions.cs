namespace Idempotency.Storage;

/// <summary>Every transition a record can make, each under the lock of its shard.</summary>
internal sealed partial class MemoryRecord
{
    /// <summary>The first grant of a new record, to a caller in this process who is known by its fence.</summary>
    public void Begin(ReadOnlySpan<byte> fingerprint, TimeSpan lease, long now, MemoryClock clock) =>
        Grant(fingerprint.IsEmpty ? [] : fingerprint.ToArray(), lease, now, clock);

    public Claim Claim(in ClaimRequest request, long now, MemoryClock clock)
    {
        if (Noted is { } noted && noted.IsDead(request.Token))
        {
            return Storage.Claim.Stale;
        }

        if (_state == RecordState.Released)
        {
            return Grant(request, now, clock);
        }

        if (!HasFingerprint(request.Fingerprint.Span))
        {
            return Storage.Claim.Mismatch;
        }

        if (HasEnded)
        {
            return new Claim.Finished(Outcome());
        }

        if (Token == request.Token)
        {
            Extend(request.Lease, now, clock);
            return new Claim.Acquired(Fence, Attempt, TakenOver: false);
        }

        if (IsClaimed(now))
        {
            return new Claim.Busy(Attempt, TimeSpan.FromTicks(_until - now), Version);
        }

        if (_state == RecordState.InProgress && request.OnCrash == OnCrash.Retry)
        {
            Note().End(Token);
            return Grant(request, now, clock, takenOver: true);
        }

        if (_state == RecordState.InProgress)
        {
            _state = RecordState.InDoubt;
            Note().DoubtSince = clock.ToUtc(now);
            Change(clock);
        }

        return new Claim.InDoubt(Attempt, Note().DoubtSince);
    }

    public OwnerAnswer Renew(Ownership owner, TimeSpan lease, long now, MemoryClock clock)
    {
        if (!IsOpenAndMine(owner))
        {
            return OwnerAnswer.Fenced;
        }

        Extend(lease, now, clock);
        return OwnerAnswer.Accepted;
    }

    public OwnerAnswer Complete(Ownership owner, StoredOutcome outcome, TimeSpan retention, long now, MemoryClock clock)
    {
        if (IsOpenAndMine(owner))
        {
            Finish(Kept(outcome), outcome.IsFailure, retention, now, clock);
            return OwnerAnswer.Accepted;
        }

        return HasEnded && (_state == RecordState.Failed) == outcome.IsFailure && IsMine(owner) ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    /// <summary>The result of the caller whom <see cref="Begin"/> gave the key, unless that has been given to another.</summary>
    public bool TryComplete(long fence, object? result, TimeSpan retention, long now, MemoryClock clock)
    {
        if (!IsOpen || Fence != fence)
        {
            return false;
        }

        Finish(result, isFailure: false, retention, now, clock);
        return true;
    }

    public OwnerAnswer Release(Ownership owner, TimeSpan retention, long now, MemoryClock clock)
    {
        if (IsOpenAndMine(owner))
        {
            Free(retention, now, clock);
            return OwnerAnswer.Accepted;
        }

        var repeated = (_state == RecordState.Released && IsMine(owner)) || Noted?.IsDead(owner.Token) == true;
        return repeated ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    /// <summary>Ends a token that never started a body, whoever owns the record.</summary>
    public void Abandon(OwnerToken token, TimeSpan retention, long now, MemoryClock clock)
    {
        if (Token == token && IsOpen)
        {
            Free(retention, now, clock);
            return;
        }

        Note().End(token);
        if (_state == RecordState.Released)
        {
            _until = MemoryClock.After(now, retention);
            Version = clock.NextVersion();
        }
    }

    public bool Resolve(long version, StoredOutcome? outcome, TimeSpan retention, TimeSpan tombstone, long now, MemoryClock clock)
    {
        var resolvable = _state == RecordState.InDoubt || (_state == RecordState.InProgress && now >= _until);
        if (Version != version || !resolvable)
        {
            return false;
        }

        if (outcome is null)
        {
            Free(tombstone, now, clock);
        }
        else
        {
            var noted = Note();
            noted.End(noted.Token);
            noted.Token = default; // the owner's own late completion must not count as a repetition of this one
            Finish(Kept(outcome), outcome.IsFailure, retention, now, clock);
        }

        return true;
    }

    private Claim.Acquired Grant(in ClaimRequest request, long now, MemoryClock clock, bool takenOver = false)
    {
        Note().Token = request.Token;
        Grant(request.Fingerprint.ToArray(), request.Lease, now, clock);
        return new Claim.Acquired(Fence, Attempt, takenOver);
    }

    private void Grant(byte[] fingerprint, TimeSpan lease, long now, MemoryClock clock)
    {
        _state = RecordState.InProgress;
        Fingerprint = fingerprint;
        _startedAt = now;
        _until = MemoryClock.After(now, lease);
        Attempt++;
        Change(clock);
        Fence = Version;
    }

    private void Extend(TimeSpan lease, long now, MemoryClock clock)
    {
        _state = RecordState.InProgress;
        _until = MemoryClock.After(now, lease);
        if (lease > TimeSpan.Zero)
        {
            Version = clock.NextVersion(); // nothing that a waiter waits for
        }
        else
        {
            Change(clock);
        }
    }

    private void Finish(object? outcome, bool isFailure, TimeSpan retention, long now, MemoryClock clock)
    {
        if (Noted is { } noted)
        {
            noted.Outcome = outcome;
        }
        else
        {
            _content = outcome;
        }

        _until = MemoryClock.After(now, retention);
        Version = clock.NextVersion();
        _state = isFailure ? RecordState.Failed : RecordState.Completed; // after all else: it publishes that to readers without the lock
        Noted?.Notify(); // who then read it
    }

    private void Free(TimeSpan retention, long now, MemoryClock clock)
    {
        Note().End(Token);
        _state = RecordState.Released;
        _until = MemoryClock.After(now, retention);
        Change(clock);
    }

    private void Change(MemoryClock clock)
    {
        Version = clock.NextVersion();
        Noted?.Notify();
    }

    private bool IsMine(Ownership owner) => Token == owner.Token && Fence == owner.Fence;

    private bool IsOpenAndMine(Ownership owner) => IsOpen && IsMine(owner);
}
