using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>One run of a body under one claim: what the body sees of it, and the lease that <see cref="LeaseKeeper"/> renews.</summary>
internal sealed class RunningAttempt : IdempotencyContext
{
    private readonly IdempotencyKey _key;
    private readonly int _attempt;
    private LazyCancellation _leaseLost;
    private LazyCancellation _body;
    private CancellationTokenRegistration _caller;
    private volatile bool _isStoppedByGuard;
    private volatile bool _hasEnded;
    private LeaseNotes _notes;

    /// <param name="store">Where the claim was granted.</param>
    /// <param name="key">What was claimed.</param>
    /// <param name="token">The token it was claimed with.</param>
    /// <param name="claim">The grant.</param>
    /// <param name="lease">How long the claim lasts unless renewed.</param>
    /// <param name="claimSent">When the granted claim was sent: the store cannot have counted the lease from an earlier moment.</param>
    public RunningAttempt(StoreCalls store, IdempotencyKey key, OwnerToken token, Claim.Acquired claim, TimeSpan lease, long claimSent)
    {
        _key = key;
        _attempt = claim.Attempt;
        Store = store;
        Owner = new Ownership(token, claim.Fence);
        Lease = lease;
        StartedAt = claimSent;
    }

    public StoreCalls Store { get; }

    public IdempotencyKey RecordKey => _key;

    public Ownership Owner { get; }

    public TimeSpan Lease { get; }

    public long StartedAt { get; }

    /// <summary>What <see cref="LeaseKeeper"/> notes about this attempt, under its own lock.</summary>
    public ref LeaseNotes Notes => ref _notes;

    public override string Operation => _key.Operation;

    public override string Key => _key.Text;

    public override long Fence => Owner.Fence;

    public override int Attempt => _attempt;

    public override CancellationToken LeaseLost => _leaseLost.Token;

    public override CancellationToken CancellationToken => _body.Token;

    /// <summary>Whether the guard, and not the caller, asked the body to stop.</summary>
    public bool IsStoppedByGuard => _isStoppedByGuard;

    /// <summary>Whether the body has ended, so that it has nothing to be told any more.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Whether it was asked to stop because it had run for too long.</summary>
    public bool IsOverLimit { get; private set; }

    /// <summary>What the body threw.</summary>
    public Exception? BodyFailure { get; set; }

    /// <summary>Hands the caller's token on to the body.</summary>
    public void FollowCaller(CancellationToken caller) =>
        _caller = caller.UnsafeRegister(static state => ((RunningAttempt)state!)._body.Cancel(), this);

    /// <summary>Tells the body that it can no longer count on owning its key.</summary>
    public void LoseLease()
    {
        _isStoppedByGuard = true;
        try
        {
            _leaseLost.Cancel();
        }
        finally
        {
            _body.Cancel(); // even if what the body registered on the other token throws
        }
    }

    /// <summary>Asks the body to stop because it has run for too long.</summary>
    public void StopBody()
    {
        IsOverLimit = true;
        _isStoppedByGuard = true;
        _body.Cancel();
    }

    /// <summary>The body has ended: no token is cancelled any more.</summary>
    public void EndBody()
    {
        _hasEnded = true;
        _caller.Unregister(); // without waiting for a cancellation that is under way, which may be waiting for this body
    }
}
