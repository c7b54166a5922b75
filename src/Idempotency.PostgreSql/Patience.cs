namespace Idempotency.PostgreSql;

/// <summary>Ends the waiting for a call of the client, when its time is over, without ever waiting for the client.</summary>
/// <remarks>
/// The client's own time-outs are switched off. When one of them passes, or a token is cancelled, it asks the server to end the
/// statement, and waits for that on the thread at hand and without a limit: a server that hangs would take one thread of the pool for
/// each call. Here the caller is let go, and a thread of its own does the asking. The connection is broken or free again when that is
/// through; until then it is out of the pool, which bounds how many there can be.
/// </remarks>
internal static class Patience
{
    /// <param name="start">Starts the call with a token that ends it.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="time">Counts it.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="OutOfPatienceException">The limit has passed; the call goes on to its end, and nobody waits for it.</exception>
    public static async Task<TAnswer> AwaitAsync<TAnswer>(
        Func<CancellationToken, Task<TAnswer>> start, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var stop = new CancellationTokenSource(); // has no timer, so that there is nothing to dispose
        var run = start(stop.Token);
        try
        {
            return await run.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (!run.IsCompleted)
        {
            // Not the call has failed, but the patience with it.
            LetGo(run, stop);
            throw failure is TimeoutException ? new OutOfPatienceException() : failure;
        }
    }

    /// <summary>Cancels, whatever the client makes of it.</summary>
    public static void Cancel(CancellationTokenSource stop)
    {
        try
        {
            stop.Cancel();
        }
        catch (AggregateException)
        {
            // Thrown by the client in a call that it registered for this and whose connection ends at the same moment: it then uses
            // what it has just disposed of. What was to end has ended, and all that was registered has been called.
        }
    }

    private static void LetGo(Task run, CancellationTokenSource stop)
    {
        // Nobody waits for it any more, so that its failure is nobody's.
        run.ContinueWith(
            static late => late.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        new Thread(() => Cancel(stop)) { IsBackground = true, Name = "Idempotency.PostgreSql cancels" }.Start();
    }

    public sealed class OutOfPatienceException : Exception;
}
