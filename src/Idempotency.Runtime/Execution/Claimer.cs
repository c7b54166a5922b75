using System.Collections.Concurrent;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>Claims a key, waits for it, and leaves nothing behind when it goes away without it.</summary>
internal sealed class Claimer(TimeProvider time, IdempotencyOptions options, IdempotencyTelemetry telemetry)
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IdempotencyKey, int> _waiters = new(CanonicalKeyComparer.Instance);

    /// <summary>Asks until the store gives an answer that ends the question, or the caller's patience is over.</summary>
    /// <param name="operation">What is run, and how long it waits.</param>
    /// <param name="store">Where the key is.</param>
    /// <param name="key">What is claimed.</param>
    /// <param name="fingerprint">What it is claimed for.</param>
    /// <param name="waiting">The caller's wait, if that has begun already. It ends when the asking does.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="OperationInProgressException">Another attempt runs, and the caller does not wait or has waited enough.</exception>
    /// <exception cref="DuplicateOperationException">Another attempt runs, and the operation refuses duplicates.</exception>
    /// <exception cref="StoreUnavailableException">The store gave no answer in time.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<Claimed> ClaimAsync<TResult>(
        IdempotentOperation<TResult> operation,
        StoreCalls store,
        IdempotencyKey key,
        ReadOnlyMemory<byte> fingerprint,
        Waiting? waiting,
        CancellationToken cancellationToken)
    {
        var request = new ClaimRequest(NewToken(store), operation.Lease ?? options.DefaultLease, operation.OnCrash, fingerprint);
        var isUnanswered = false;
        var isOwner = false;
        try
        {
            long? unansweredSince = null;
            var backoff = new Backoff(time, s_longestPause);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var sent = time.GetTimestamp();
                Claim answer;
                try
                {
                    answer = await store.ClaimAsync(key, request, cancellationToken).ConfigureAwait(false);
                }
                catch (StoreUnavailableException refusal) when (refusal is StoreFullException or StoreRefusedException)
                {
                    throw; // an answer, and a final one: nothing was claimed
                }
                catch (Exception failure)
                {
                    // Whatever failed, the claim was applied, was not, or is still on its way. The same token finds its own claim
                    // again; whoever leaves before knowing has to abandon it.
                    isUnanswered = true;
                    cancellationToken.ThrowIfCancellationRequested();
                    unansweredSince ??= sent;
                    if (time.GetElapsedTime(unansweredSince.Value) >= options.ClaimTimeout)
                    {
                        throw new StoreUnavailableException(
                            key.Operation, key.Text, $"it gave no answer for {options.ClaimTimeout.TotalSeconds:0.###} s.", failure);
                    }

                    telemetry.ClaimUnanswered(key, failure);
                    await backoff.PauseAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }

                unansweredSince = null;
                switch (answer)
                {
                    case Claim.Busy busy:
                        if (operation.OnDuplicate != OnDuplicate.Wait)
                        {
                            throw CallAnswers.Refuse(operation, key, busy);
                        }

                        waiting ??= TryEnter(key) ? BeginWaiting(operation, key, time.GetTimestamp()) : throw CallAnswers.Refuse(operation, key, busy);
                        await WaitAsync(waiting, store, key, busy, cancellationToken).ConfigureAwait(false);
                        break;
                    case Claim.Acquired:
                        isOwner = true;
                        return new Claimed(answer, request.Token, sent, waiting is not null);
                    case var stale when ReferenceEquals(stale, Claim.Stale):
                        request = request with { Token = NewToken(store) };
                        isUnanswered = false;
                        break;
                    default:
                        return new Claimed(answer, request.Token, sent, waiting is not null);
                }
            }
        }
        finally
        {
            waiting?.End();
            if (isUnanswered && !isOwner)
            {
                AbandonInBackground(store, key, request.Token);
            }
        }
    }

    /// <summary>Counts one more of those who wait for a key; <see langword="false"/> when there are as many as may be.</summary>
    public bool TryEnter(IdempotencyKey key)
    {
        if (_waiters.AddOrUpdate(key, 1, static (_, waiters) => waiters + 1) <= options.MaxWaitersPerKey)
        {
            return true;
        }

        Leave(key);
        return false;
    }

    /// <summary>Begins the wait of a caller that <see cref="TryEnter"/> has counted. Its end ends both.</summary>
    public Waiting BeginWaiting<TResult>(IdempotentOperation<TResult> operation, IdempotencyKey key, long since) =>
        new(this, operation.Name, key, since, operation.WaitTimeout ?? options.DefaultWaitTimeout, new Backoff(time, s_longestPause));

    /// <summary>Ends the wait of a caller that <see cref="TryEnter"/> has counted.</summary>
    public void EndWait(string operation, IdempotencyKey key, long since)
    {
        Leave(key);
        telemetry.EndWait(operation, since);
    }

    /// <summary>Ends a token whose body was not started and never will be.</summary>
    public void AbandonInBackground(StoreCalls store, IdempotencyKey key, OwnerToken token) => _ = AbandonAsync(store, key, token);

    private static OwnerToken NewToken(StoreCalls store) =>
        store.Store.KeepsObjects ? OwnerToken.NewInProcess() : OwnerToken.New();

    private async ValueTask WaitAsync(Waiting waiting, StoreCalls store, IdempotencyKey key, Claim.Busy busy, CancellationToken cancellationToken)
    {
        var left = waiting.Longest - time.GetElapsedTime(waiting.StartedAt);
        if (left <= TimeSpan.Zero)
        {
            throw new OperationInProgressException(key.Operation, key.Text, busy.Remaining);
        }

        if (busy.Version == waiting.SeenVersion)
        {
            // The store woke us for nothing. It may, but it must not make us ask in a tight loop.
            await waiting.PauseAsync(left, cancellationToken).ConfigureAwait(false);
            return;
        }

        waiting.SeenVersion = busy.Version;
        try
        {
            await store.WaitAsync(key, busy.Version, left, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // A wait is only a hint: whatever failed, the next claim decides, unless the caller has gone.
            cancellationToken.ThrowIfCancellationRequested();
            telemetry.ClaimUnanswered(key, failure);
            await waiting.PauseAsync(left, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Leave(IdempotencyKey key)
    {
        while (_waiters.TryGetValue(key, out var waiters))
        {
            if (waiters == 1 ? _waiters.TryRemove(KeyValuePair.Create(key, 1)) : _waiters.TryUpdate(key, waiters - 1, waiters))
            {
                return;
            }
        }
    }

    private async Task AbandonAsync(StoreCalls store, IdempotencyKey key, OwnerToken token)
    {
        var started = time.GetTimestamp();
        var backoff = new Backoff(time, s_longestPause);
        do
        {
            try
            {
                await store.AbandonAsync(key, token).ConfigureAwait(false);
                return;
            }
            catch (Exception failure)
            {
                // Nobody waits for this call any more; whatever failed, trying again is all there is to do.
                telemetry.AbandonFailed(key, failure);
            }

            await backoff.PauseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        while (time.GetElapsedTime(started) < options.BackgroundCompletion);
    }

    /// <summary>One caller's wait, over all attempts it waits for.</summary>
    internal sealed class Waiting(Claimer claimer, string operation, IdempotencyKey key, long startedAt, TimeSpan longest, Backoff backoff)
    {
        private Backoff _backoff = backoff;
        private bool _hasEnded;

        public long StartedAt => startedAt;

        public TimeSpan Longest => longest;

        /// <summary>The version last waited for.</summary>
        public long? SeenVersion { get; set; }

        /// <summary>Makes room for another; once, whoever says so.</summary>
        public void End()
        {
            if (!_hasEnded)
            {
                _hasEnded = true;
                claimer.EndWait(operation, key, startedAt);
            }
        }

        public Task PauseAsync(TimeSpan atMost, CancellationToken cancellationToken) => _backoff.PauseAsync(atMost, cancellationToken);
    }
}
