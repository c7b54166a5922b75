using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>One run of a body in a transaction: what the body sees of it. There is no lease; the execution limit stops it.</summary>
internal sealed class TransactionAttempt : RunningBody, IDisposable
{
    private readonly IIdempotencyStore _store;
    private readonly IdempotencyKey _key;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly TimeSpan _limit;
    private readonly ITimer _timer;
    private object? _value;
    private LazyCancellation _body;
    private CancellationTokenRegistration _caller;
    private volatile bool _hasEnded;
    private volatile bool _isOverLimit;

    /// <param name="store">Where it was claimed.</param>
    /// <param name="key">What was claimed.</param>
    /// <param name="fence">The fence of the grant.</param>
    /// <param name="attempt">Its number.</param>
    /// <param name="limit">How long the body may run.</param>
    /// <param name="time">Counts it.</param>
    /// <param name="telemetry">Is told when the limit is passed.</param>
    public TransactionAttempt(
        IIdempotencyStore store, IdempotencyKey key, long fence, int attempt, TimeSpan limit, TimeProvider time, IdempotencyTelemetry telemetry)
    {
        (_store, _key, Fence, Attempt, _limit, _telemetry) = (store, key, fence, attempt, limit, telemetry);
        _timer = time.CreateTimer(static state => ((TransactionAttempt)state!).StopBody(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override string Operation => _key.Operation;

    public override string Key => _key.Text;

    public override long Fence { get; }

    public override int Attempt { get; }

    /// <summary>Never cancelled: nobody can take a key over whose claim is in an open transaction.</summary>
    public override CancellationToken LeaseLost => CancellationToken.None;

    public override CancellationToken CancellationToken => _body.Token;

    /// <summary>Whether the guard asked the body to stop because it had run for too long.</summary>
    public bool IsOverLimit => _isOverLimit;

    public override TTransaction GetTransaction<TTransaction>() => _value as TTransaction ?? throw new InvalidOperationException(
        $"The body of operation '{Operation}' is given a '{_value?.GetType()}', which is no '{typeof(TTransaction)}'. Ask for the type that the operation's Transaction names.");

    /// <summary>The body begins.</summary>
    /// <param name="value">What the operation asked for: the transaction, or what works in it.</param>
    public void BeginBody(object value)
    {
        _value = value;
        _timer.Change(_limit, Timeout.InfiniteTimeSpan);
        BeginBody();
    }

    /// <summary>The body has ended. Its key is held until that is settled.</summary>
    public void EndBody() => LeaveBody();

    /// <summary>Hands the caller's token on to the body.</summary>
    public void FollowCaller(CancellationToken caller) =>
        _caller = caller.UnsafeRegister(static state => ((TransactionAttempt)state!)._body.Cancel(), this);

    /// <summary>The body has ended: no token is cancelled any more.</summary>
    public void Dispose()
    {
        _hasEnded = true;
        _timer.Dispose();
        _caller.Unregister(); // without waiting for a cancellation that is under way, which may be waiting for this body
    }

    protected override bool IsUnder(IIdempotencyStore store, KeySpace space, ReadOnlySpan<byte> arguments) =>
        ReferenceEquals(_store, store) && _key.Is(space, arguments);

    private void StopBody()
    {
        if (_hasEnded)
        {
            return;
        }

        _isOverLimit = true;
        _telemetry.ExecutionLimitPassed(_key, _limit);
        try
        {
            _body.Cancel();
        }
        catch (AggregateException failure)
        {
            // Thrown by what the body registered on its token. Nobody waits for it on a timer's thread, and it must not end the process.
            _telemetry.CallbackFailed(_key, failure);
        }
    }
}
