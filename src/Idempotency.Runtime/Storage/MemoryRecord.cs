using System.Security.Cryptography;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// One key's record and every transition it can make. All members but <see cref="Ended"/> and <see cref="ExpiresAt"/> are used
/// under the record's own lock; times are the store's monotonic ticks.
/// </summary>
internal sealed class MemoryRecord(IdempotencyKey key, MemoryClock clock)
{
    /// <summary>When a record without an end expires.</summary>
    public const long Never = long.MaxValue;

    /// <summary>How many ended tokens are remembered, the oldest forgotten first.</summary>
    private const int MaxDead = 8;

    private volatile Ending? _ended;
    private OwnerToken _token;
    private OwnerToken[] _dead = [];
    private ReadOnlyMemory<byte> _fingerprint;
    private TaskCompletionSource? _changed;
    private DateTimeOffset _doubtSince;
    private long _startedAt;
    private long _leaseUntil;
    private long _fence;
    private int _attempt;
    private RecordState _state = RecordState.Released;

    public IdempotencyKey Key => key;

    /// <summary>Set when the record has left the store: whoever still holds it must look the key up again.</summary>
    public bool Removed { get; set; }

    public long Version { get; private set; }

    /// <summary>The published outcome, for readers without the lock; <see langword="null"/> unless completed or failed.</summary>
    public Ending? Ended => _ended;

    /// <summary>Read also without the lock, by sweeps that want to know if a record is worth locking.</summary>
    public long ExpiresAt
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    } = Never;

    public bool IsExpired(long now) => ExpiresAt <= now;

    public Claim Claim(in ClaimRequest request, long now)
    {
        ForgetIfExpired(now);
        if (_dead.AsSpan().Contains(request.Token))
        {
            return Storage.Claim.Stale;
        }

        if (_state == RecordState.Released)
        {
            return Grant(request, now, _attempt + 1);
        }

        if (!CryptographicOperations.FixedTimeEquals(_fingerprint.Span, request.Fingerprint.Span))
        {
            return Storage.Claim.Mismatch;
        }

        if (_ended is { } ended)
        {
            return ended.Answer;
        }

        if (_token == request.Token)
        {
            Extend(request.Lease, now);
            return new Claim.Acquired(_fence, _attempt, TakenOver: false);
        }

        if (_state == RecordState.InProgress && now < _leaseUntil)
        {
            return new Claim.Busy(_attempt, TimeSpan.FromTicks(_leaseUntil - now), Version);
        }

        if (_state == RecordState.InProgress && request.OnCrash == OnCrash.Retry)
        {
            End(_token);
            return Grant(request, now, _attempt + 1, takenOver: true);
        }

        if (_state == RecordState.InProgress)
        {
            _state = RecordState.InDoubt;
            _doubtSince = clock.ToUtc(now);
            Change();
        }

        return new Claim.InDoubt(_attempt, _doubtSince);
    }

    public OwnerAnswer Renew(Ownership owner, TimeSpan lease, long now)
    {
        if (!IsOpenAndMine(owner))
        {
            return OwnerAnswer.Fenced;
        }

        Extend(lease, now);
        return OwnerAnswer.Accepted;
    }

    public OwnerAnswer Complete(Ownership owner, StoredOutcome outcome, TimeSpan retention, long now)
    {
        if (IsOpenAndMine(owner))
        {
            Finish(outcome, retention, now);
            return OwnerAnswer.Accepted;
        }

        var repeated = _ended is { } ended && ended.Answer.Outcome.IsFailure == outcome.IsFailure && IsMine(owner);
        return repeated ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    public OwnerAnswer Release(Ownership owner, TimeSpan retention, long now)
    {
        if (IsOpenAndMine(owner))
        {
            Free(retention, now);
            return OwnerAnswer.Accepted;
        }

        var repeated = (_state == RecordState.Released && IsMine(owner)) || _dead.AsSpan().Contains(owner.Token);
        return repeated ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    /// <summary>Ends a token that never started a body, whoever owns the record.</summary>
    public void Abandon(OwnerToken token, TimeSpan retention, long now)
    {
        ForgetIfExpired(now);
        if (_token == token && IsOpen)
        {
            Free(retention, now);
            return;
        }

        End(token);
        if (_state == RecordState.Released)
        {
            ExpiresAt = MemoryClock.After(now, retention);
            Version = clock.NextVersion();
        }
    }

    public bool Resolve(long version, StoredOutcome? outcome, TimeSpan retention, TimeSpan tombstone, long now)
    {
        var resolvable = _state == RecordState.InDoubt || (_state == RecordState.InProgress && now >= _leaseUntil);
        if (Version != version || !resolvable)
        {
            return false;
        }

        if (outcome is null)
        {
            Free(tombstone, now);
        }
        else
        {
            End(_token);
            _token = default; // the owner's own late completion must not count as a repetition of this one
            Finish(outcome, retention, now);
        }

        return true;
    }

    public OperationRecord Describe() => new()
    {
        Key = key,
        State = _state,
        Version = Version,
        Fence = _fence,
        Attempt = _attempt,
        Fingerprint = _fingerprint,
        StartedAt = clock.ToUtc(_startedAt),
        LeaseUntil = _state == RecordState.InProgress ? clock.ToUtc(_leaseUntil) : null,
        ExpiresAt = ExpiresAt == Never ? null : clock.ToUtc(ExpiresAt),
        Outcome = _ended?.Answer.Outcome,
    };

    /// <summary>What a waiter waits for, and for how long at most; <see langword="null"/> when there is nothing to wait for.</summary>
    public (Task Changed, TimeSpan Longest)? Watch(long version, long now)
    {
        if (Removed || Version != version || _state != RecordState.InProgress || now >= _leaseUntil)
        {
            return null;
        }

        _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (_changed.Task, TimeSpan.FromTicks(_leaseUntil - now));
    }

    /// <summary>What has expired is as if it had never been, whether or not a sweep has come by.</summary>
    private void ForgetIfExpired(long now)
    {
        if (!IsExpired(now))
        {
            return;
        }

        _state = RecordState.Released;
        _ended = null;
        _token = default;
        _dead = [];
        _attempt = 0;
        _fence = 0;
        ExpiresAt = Never;
    }

    private Claim.Acquired Grant(in ClaimRequest request, long now, int attempt, bool takenOver = false)
    {
        _state = RecordState.InProgress;
        _ended = null;
        _token = request.Token;
        _fingerprint = request.Fingerprint;
        _attempt = attempt;
        _startedAt = now;
        _leaseUntil = MemoryClock.After(now, request.Lease);
        ExpiresAt = Never;
        Change();
        _fence = Version;
        return new Claim.Acquired(_fence, _attempt, takenOver);
    }

    private void Extend(TimeSpan lease, long now)
    {
        _state = RecordState.InProgress;
        _leaseUntil = MemoryClock.After(now, lease);
        if (lease > TimeSpan.Zero)
        {
            Version = clock.NextVersion(); // nothing that a waiter waits for
        }
        else
        {
            Change();
        }
    }

    private void Finish(StoredOutcome outcome, TimeSpan retention, long now)
    {
        _state = outcome.IsFailure ? RecordState.Failed : RecordState.Completed;
        ExpiresAt = MemoryClock.After(now, retention);
        _ended = new Ending(new Claim.Finished(outcome), _fingerprint, ExpiresAt);
        Change();
    }

    private void Free(TimeSpan retention, long now)
    {
        End(_token);
        _state = RecordState.Released;
        ExpiresAt = MemoryClock.After(now, retention);
        Change();
    }

    private void End(OwnerToken token)
    {
        if (!_dead.AsSpan().Contains(token))
        {
            _dead = [.. _dead.AsSpan(_dead.Length < MaxDead ? 0 : 1), token];
        }
    }

    private void Change()
    {
        Version = clock.NextVersion();
        // The waiters run elsewhere, not here under the lock, because of how the source was made.
        _changed?.TrySetResult();
        _changed = null;
    }

    private bool IsMine(Ownership owner) => _token == owner.Token && _fence == owner.Fence;

    private bool IsOpen => _state is RecordState.InProgress or RecordState.InDoubt;

    private bool IsOpenAndMine(Ownership owner) => IsOpen && IsMine(owner);

    /// <summary>An outcome with everything a reader needs to decide that it still counts, in one reference.</summary>
    internal sealed record Ending(Claim.Finished Answer, ReadOnlyMemory<byte> Fingerprint, long ExpiresAt);
}
