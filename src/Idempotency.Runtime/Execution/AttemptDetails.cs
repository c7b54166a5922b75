using Idempotency.Keys;

namespace Idempotency.Execution;

/// <summary>What few attempts need, because most end first: what can be told to the body, and what its lease needs to be renewed.</summary>
internal sealed class AttemptDetails
{
    private LazyCancellation _leaseLost;
    private LazyCancellation _body;
    private CancellationTokenRegistration _caller;

    public CancellationToken LeaseLost => _leaseLost.Token;

    public CancellationToken Body => _body.Token;

    /// <summary>The key, where it is made anew each time and so kept here.</summary>
    public IdempotencyKey? Key { get; set; }

    /// <summary>What <see cref="LeaseKeeper"/> notes, used under its lock.</summary>
    public LeaseNotes? Notes { get; set; }

    public Exception? BodyFailure { get; set; }

    /// <summary>Hands the caller's token on to the body.</summary>
    public void FollowCaller(CancellationToken caller) =>
        _caller = caller.UnsafeRegister(static state => ((AttemptDetails)state!)._body.Cancel(), this);

    public void LoseLease()
    {
        try
        {
            _leaseLost.Cancel();
        }
        finally
        {
            _body.Cancel(); // even if what the body registered on the other token throws
        }
    }

    public void StopBody() => _body.Cancel();

    /// <summary>The caller's token is followed no more.</summary>
    public void EndBody() => _caller.Unregister(); // without waiting for a cancellation that is under way, which may be waiting for this body
}
