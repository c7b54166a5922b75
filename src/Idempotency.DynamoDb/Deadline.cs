namespace Idempotency.DynamoDb;

/// <summary>The time that one call of the store has, whatever the client does with it.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _longest;

    public Deadline(TimeSpan longest, TimeProvider time, CancellationToken caller)
    {
        caller.ThrowIfCancellationRequested();
        (_longest, _caller) = (longest, caller);
        _timer = new CancellationTokenSource(longest, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    /// <summary>Sends something and waits for the answer while there is time.</summary>
    /// <exception cref="TimeoutException">There was no answer in time; what was sent may have been applied, or may be yet.</exception>
    public async Task<TAnswer> SendAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> send)
    {
        var token = _linked.Token;
        try
        {
            // Elsewhere, because the client may fetch credentials on its caller's thread, and the one that renews leases must not wait.
            var answer = Task.Run(() => send(token), token);
            _ = answer.ContinueWith(
                static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return await answer.WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            // The client gives up by cancelling, too; only the caller's own wish is told as that.
            _caller.ThrowIfCancellationRequested();
            throw new TimeoutException(
                $"DynamoDB gave no answer for {_longest.TotalSeconds:0.###} s, or for as long as its client allows. It is not known whether what was sent "
                + "was applied. Look at the network and at the endpoint, or allow more time with "
                + $"{nameof(DynamoDbStoreOptions)}.{nameof(DynamoDbStoreOptions.CommandTimeout)}.",
                cancelled);
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
