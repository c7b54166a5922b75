using System.Data.Common;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>
/// A store's transaction as the guard uses it: every call has a deadline, because a server that hangs must never hang a caller, and is
/// asked to stop when nobody waits for it any more.
/// </summary>
internal sealed class OpenTransaction
{
    private readonly IStoreTransaction _transaction;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private Task _last = Task.CompletedTask;
    private bool _hasEnded;

    private OpenTransaction(IStoreTransaction transaction, TimeSpan timeout, TimeProvider time) =>
        (_transaction, _timeout, _time) = (transaction, timeout, time);

    public DbTransaction Transaction => _transaction.Transaction;

    public static async ValueTask<OpenTransaction> BeginAsync(
        ITransactionalStore store, IdempotencyKey key, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        Task<IStoreTransaction>? begun = null;
        try
        {
            var transaction = await WithinAsync(token => begun = store.BeginAsync(key, token).AsTask(), timeout, time, cancellationToken).ConfigureAwait(false);
            return new OpenTransaction(transaction, timeout, time);
        }
        catch (Exception) when (begun is not null)
        {
            _ = DisposeLateAsync(begun);
            throw; // whatever failed; one that opens after all has nobody to use it
        }
    }

    public Task<Claim> ClaimAsync(IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken) => WithinAsync(
        token => Remember(_transaction.TryClaimAsync(key, request, wait, token).AsTask()), wait + _timeout, _time, cancellationToken);

    public Task CommitAsync(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention) => WithinAsync(
        token => Remember(Done(_transaction.CommitAsync(key, owner, outcome, retention, token))), _timeout, _time, CancellationToken.None);

    /// <summary>Ends it, rolling back what is not committed. It never throws, and never waits for a call that hangs.</summary>
    public async ValueTask EndAsync()
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        var isBusy = !_last.IsCompleted;
        var ended = EndCoreAsync();
        if (isBusy)
        {
            return; // its last call was given up and is being stopped; what follows happens behind it
        }

        try
        {
            await ended.WaitAsync(_timeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing of an uncommitted transaction can ever be seen, however long its end takes; a claim that has to wait for it will.
        }
    }

    private async Task EndCoreAsync()
    {
        await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _transaction.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A rollback fails when the connection is gone, and then the server rolls back by itself. Whatever else a driver throws
            // here: what is not committed does not exist.
        }
    }

    private Task<TAnswer> Remember<TAnswer>(Task<TAnswer> call)
    {
        _last = call;
        return call;
    }

    private static async Task<bool> Done(ValueTask work)
    {
        await work.ConfigureAwait(false);
        return true;
    }

    private static async Task<TAnswer> WithinAsync<TAnswer>(
        Func<CancellationToken, Task<TAnswer>> call, TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answer = call(stop.Token);
        try
        {
            return await answer.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (answer.IsCompleted)
            {
                stop.Dispose();
            }
            else
            {
                _ = answer.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                _ = stop.CancelAsync(); // elsewhere: a driver may talk to the server to stop a command
            }
        }
    }

    private static async Task DisposeLateAsync(Task<IStoreTransaction> begun)
    {
        try
        {
            await (await begun.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was not opened, which the caller knows already, or has nothing in it that could be lost.
        }
    }
}
