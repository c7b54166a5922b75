using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>One run of a body under one claim: what the body sees of it, and the lease that <see cref="LeaseKeeper"/> renews.</summary>
internal sealed class RunningAttempt : IdempotencyContext
{
    private readonly IdempotencyKey _key;
    private readonly int _attempt;
    private CancellationTokenSource? _leaseLost;
    private CancellationTokenSource? _body;
    private CancellationTokenRegistration _caller;
    private bool _isLost;
    private bool _isBodyCancelled;
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

    public override CancellationToken LeaseLost => TokenOf(ref _leaseLost, in _isLost);

    public override CancellationToken CancellationToken => TokenOf(ref _body, in _isBodyCancelled);

    /// <summary>Whether the guard, and not the caller, asked the body to stop.</summary>
    public bool IsStoppedByGuard { get; private set; }

    /// <summary>What the body threw.</summary>
    public Exception? BodyFailure { get; set; }

    /// <summary>Hands the caller's token on to the body.</summary>
    public void FollowCaller(CancellationToken caller) =>
        _caller = caller.UnsafeRegister(static state => ((RunningAttempt)state!).CancelBody(), this);

    /// <summary>Tells the body that it can no longer count on owning its key.</summary>
    public void LoseLease()
    {
        IsStoppedByGuard = true;
        try
        {
            Cancel(ref _leaseLost, ref _isLost);
        }
        finally
        {
            CancelBody(); // even if what the body registered on the other token throws
        }
    }

    /// <summary>Asks the body to stop because it has run for too long.</summary>
    public void StopBody()
    {
        IsStoppedByGuard = true;
        CancelBody();
    }

    /// <summary>No token of this attempt is cancelled any more.</summary>
    public void End() => _caller.Dispose();

    private void CancelBody() => Cancel(ref _body, ref _isBodyCancelled);

    // The sources are made when a body asks for a token, because most bodies do not; they have no timer and need no disposal.
    private CancellationToken TokenOf(ref CancellationTokenSource? source, ref readonly bool isCancelled)
    {
        lock (this)
        {
            return isCancelled ? new CancellationToken(canceled: true) : (source ??= new CancellationTokenSource()).Token;
        }
    }

    private void Cancel(ref CancellationTokenSource? source, ref bool isCancelled)
    {
        CancellationTokenSource? cancelled;
        lock (this)
        {
            isCancelled = true;
            cancelled = source;
        }

        cancelled?.Cancel();
    }
}
