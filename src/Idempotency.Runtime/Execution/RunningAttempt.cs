using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>One run of a body under one claim: what the body sees of it, and the lease that <see cref="LeaseKeeper"/> renews.</summary>
/// <remarks>Small, because there is one for every call that runs its body; what few of them need is made when it is needed.</remarks>
internal abstract class RunningAttempt : RunningBody
{
    private AttemptDetails? _details;
    private volatile bool _isStoppedByGuard;
    private volatile bool _hasEnded;

    /// <param name="store">Where the claim was granted.</param>
    /// <param name="lease">How long the claim lasts unless renewed.</param>
    /// <param name="claimSent">When the granted claim was sent: the store cannot have counted the lease from an earlier moment.</param>
    protected RunningAttempt(StoreCalls store, TimeSpan lease, long claimSent) => (Store, Lease, StartedAt) = (store, lease, claimSent);

    public StoreCalls Store { get; }

    /// <summary>The key, as the store is told it.</summary>
    public abstract IdempotencyKey RecordKey { get; }

    /// <summary>What the store recognises this attempt by.</summary>
    public abstract Ownership Owner { get; }

    /// <summary>What the claim was granted for; empty when all arguments are in the key.</summary>
    public abstract ReadOnlySpan<byte> Fingerprint { get; }

    public TimeSpan Lease { get; }

    public long StartedAt { get; }

    /// <summary>Where <see cref="LeaseKeeper"/> has it; changed under the lock of its list, which stays the same.</summary>
    public LeasePlace Place { get; set; }

    public bool IsKept => Place.Number > 0;

    /// <summary>What <see cref="LeaseKeeper"/> has noted; <see langword="null"/> while there was nothing to note.</summary>
    public LeaseNotes? Notes => Volatile.Read(ref _details)?.Notes;

    public sealed override string Key => RecordKey.Text;

    public sealed override long Fence => Owner.Fence;

    public sealed override CancellationToken LeaseLost => Details.LeaseLost;

    public sealed override CancellationToken CancellationToken => Details.Body;

    /// <summary>Whether the guard, and not the caller, asked the body to stop.</summary>
    public bool IsStoppedByGuard => _isStoppedByGuard;

    /// <summary>Whether the body has ended, so that it has nothing to be told any more.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>What the body threw.</summary>
    public Exception? BodyFailure
    {
        get => Volatile.Read(ref _details)?.BodyFailure;
        set => Details.BodyFailure = value;
    }

    /// <summary>Whether it was asked to stop because it had run for too long.</summary>
    public bool IsOverLimit { get; private set; }

    public AttemptDetails Details
    {
        get
        {
            if (Volatile.Read(ref _details) is { } details)
            {
                return details;
            }

            var made = new AttemptDetails();
            return Interlocked.CompareExchange(ref _details, made, null) ?? made;
        }
    }

    /// <summary>
    /// Stores a result that is kept as the object it is, where the record is at hand; <see langword="false"/> where the store has to be
    /// told, and when the key belongs to another by now.
    /// </summary>
    public virtual bool TryComplete(object? result, TimeSpan retention) => false;

    /// <summary>Hands the caller's token on to the body.</summary>
    public void FollowCaller(CancellationToken caller) => Details.FollowCaller(caller);

    /// <summary>Tells the body that it can no longer count on owning its key.</summary>
    public void LoseLease()
    {
        _isStoppedByGuard = true;
        Details.LoseLease();
    }

    /// <summary>Asks the body to stop because it has run for too long.</summary>
    public void StopBody()
    {
        IsOverLimit = true;
        _isStoppedByGuard = true;
        Details.StopBody();
    }

    /// <summary>The body has ended: no token is cancelled any more.</summary>
    public void EndBody()
    {
        _hasEnded = true;
        LeaveBody();
        Volatile.Read(ref _details)?.EndBody();
    }
}
