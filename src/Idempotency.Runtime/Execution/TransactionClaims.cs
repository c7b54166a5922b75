using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>The claims of one call: as many as it takes, each in a transaction of its own that leaves nothing behind when it is refused.</summary>
internal sealed class TransactionClaims<TResult>(
    IdempotentOperation<TResult> operation,
    ITransactionalStore store,
    IdempotencyKey key,
    ReadOnlyMemory<byte> fingerprint,
    WaitingRoom room,
    TimeProvider time,
    IdempotencyOptions options,
    IdempotencyTelemetry telemetry) : IDisposable
{
    private readonly Patience _unanswered = new(time, options.ClaimTimeout);
    private readonly TimeSpan _longestWait = operation.WaitTimeout ?? options.DefaultWaitTimeout;
    private Backoff _pause = new(time, TimeSpan.FromSeconds(1));
    private WaitingRoom.Queue? _queue;
    private long _waitingSince;
    private Claim.Busy? _busy;
    private Exception? _lostCommit;
    private Exception? _rolledBack;

    /// <summary>Whether the call has waited for another's transaction.</summary>
    public bool HasWaited => _queue is not null;

    /// <summary>
    /// A commit of this call was sent and not answered. The next claim waits for that transaction, if the database still works on it,
    /// and so learns what became of it; the caller's token does not end this.
    /// </summary>
    public void LoseCommit(Exception failure)
    {
        telemetry.CommitUnanswered(key, failure);
        _lostCommit = failure;
        _unanswered.Restart();
    }

    /// <summary>The body has run in a transaction of this call that is known to have been rolled back.</summary>
    public void RollBack(Exception failure)
    {
        _rolledBack = failure;
        _lostCommit = null;
        _unanswered.End();
    }

    /// <summary>Asks until the store gives an answer that ends the question, or the caller's patience is over.</summary>
    /// <exception cref="OperationInProgressException">Another attempt runs, and the caller does not wait or has waited enough.</exception>
    /// <exception cref="DuplicateOperationException">Another attempt runs, and the operation refuses duplicates.</exception>
    /// <exception cref="StoreUnavailableException">The store gave no answer in time.</exception>
    /// <exception cref="CommitUnknownException">The same, after a commit that was not answered.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<ClaimedTransaction> ClaimAsync(CancellationToken cancellationToken)
    {
        var ends = _lostCommit is null ? cancellationToken : CancellationToken.None;
        while (true)
        {
            ends.ThrowIfCancellationRequested();
            var turn = _lostCommit is null ? _queue : null;
            if (turn is not null)
            {
                await TakeTurnAsync(turn, ends).ConfigureAwait(false);
            }

            ClaimedTransaction claimed;
            try
            {
                claimed = await AskAsync(ends).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not (StoreFullException or StoreRefusedException) || _lostCommit is not null)
            {
                // Whatever failed, the claim was made in a transaction that is rolled back: nobody will ever find it.
                ends.ThrowIfCancellationRequested();
                await TryAgainAsync(failure, ends).ConfigureAwait(false);
                continue;
            }
            finally
            {
                turn?.EndTurn();
            }

            switch (claimed.Answer)
            {
                case Claim.Busy busy when _lostCommit is not null:
                    await TryAgainAsync(new TimeoutException($"The key is held by another transaction for {busy.Remaining} more."), ends).ConfigureAwait(false);
                    break;
                case Claim.Busy busy:
                    _unanswered.End();
                    await StandBackAsync(busy, ends).ConfigureAwait(false);
                    break;
                case Claim.Unreadable unreadable when _lostCommit is not null:
                    throw new CommitUnknownException(key.Operation, key.Text, $"its record cannot be read: {unreadable.Reason}", _lostCommit);
                case var stale when ReferenceEquals(stale, Claim.Stale):
                    break; // the next try has another token
                default:
                    return claimed;
            }
        }
    }

    /// <summary>Pauses before the store is asked again.</summary>
    /// <exception cref="StoreUnavailableException">There was no answer for too long.</exception>
    /// <exception cref="CommitUnknownException">The same, after a commit that was not answered.</exception>
    public async ValueTask TryAgainAsync(Exception failure, CancellationToken cancellationToken)
    {
        if (!await _unanswered.TryAgainAsync(cancellationToken).ConfigureAwait(false))
        {
            var reason = $"it gave no answer for {_unanswered.Longest.TotalSeconds:0.###} s.";
            throw (_lostCommit, _rolledBack) switch
            {
                (not null, _) => new CommitUnknownException(key.Operation, key.Text, reason, failure),
                (_, not null) => StoreUnavailableException.AfterRollback(key.Operation, key.Text, reason, failure),
                _ => new StoreUnavailableException(key.Operation, key.Text, reason, failure),
            };
        }

        if (store.FateAfter(failure) == TransactionFate.Conflict)
        {
            telemetry.TransactionRepeated(key, failure);
        }
        else
        {
            telemetry.ClaimUnanswered(key, failure);
        }
    }

    public void Dispose()
    {
        if (_queue is not null)
        {
            room.Leave(key, _queue);
            telemetry.EndWait(operation.Name, _waitingSince);
        }
    }

    private async ValueTask<ClaimedTransaction> AskAsync(CancellationToken cancellationToken)
    {
        // A token of its own for every transaction: a claim that was rolled back has no owner that could come back to it.
        var request = new ClaimRequest(OwnerToken.New(), operation.Lease ?? options.DefaultLease, operation.OnCrash, fingerprint);
        var wait = _lostCommit is not null ? _unanswered.Left : _queue is not null ? LeftToWait : TimeSpan.Zero;
        var transaction = await OpenTransaction.BeginAsync(store, key, options.StoreTimeout, time, cancellationToken).ConfigureAwait(false);
        var isMine = false;
        try
        {
            var answer = await transaction.ClaimAsync(key, request, wait, cancellationToken).ConfigureAwait(false);
            isMine = answer is Claim.Acquired;
            return new ClaimedTransaction(answer, isMine ? transaction : null, request.Token);
        }
        finally
        {
            if (!isMine)
            {
                await transaction.EndAsync().ConfigureAwait(false);
            }
        }
    }

    private TimeSpan LeftToWait =>
        _longestWait - time.GetElapsedTime(_waitingSince) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Another attempt runs: queues up for it, or refuses the call.</summary>
    private async ValueTask StandBackAsync(Claim.Busy busy, CancellationToken cancellationToken)
    {
        _busy = busy;
        if (operation.OnDuplicate != OnDuplicate.Wait || (_queue is not null && LeftToWait == TimeSpan.Zero))
        {
            throw CallAnswers.Refuse(operation, key, busy);
        }

        if (_queue is null)
        {
            _queue = room.Enter(key) ?? throw CallAnswers.Refuse(operation, key, busy);
            _waitingSince = time.GetTimestamp();
            return;
        }

        // The claim did not wait: a record that is in progress under a lease belongs to somebody outside of any transaction.
        await _pause.PauseAsync(LeftToWait, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask TakeTurnAsync(WaitingRoom.Queue queue, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(LeftToWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await queue.TakeTurnAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw CallAnswers.Refuse(operation, key, _busy!); // the wait is over
        }
    }
}
