namespace Idempotency.Storage.Files;

/// <summary>
/// Makes many callers share one lock, one write and one sync. The first caller of an idle log does all three on its own thread;
/// who comes meanwhile is served by the next round, on the thread pool.
/// </summary>
/// <remarks>
/// Nobody waits for another process with a caller's thread. A lock that is not given up soon is waited for on the thread pool, by
/// one thread at most.
/// </remarks>
internal sealed class LogQueue(SharedLog log)
{
    private const int Tries = 20;

    private readonly Lock _gate = new();
    private List<LogStep> _waiting = [];
    private List<LogStep> _spare = [];
    private bool _isServed;

    public void Add(LogStep step)
    {
        lock (_gate)
        {
            _waiting.Add(step);
            if (_isServed)
            {
                return;
            }

            _isServed = true;
        }

        if (!TryEnter() || RunRound())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.ServeAll(), this, preferLocal: false);
        }
    }

    private void ServeAll()
    {
        do
        {
            try
            {
                if (!TryEnter())
                {
                    log.Enter();
                }
            }
            catch (Exception failure)
            {
                // A lock that fails instead of making wait, such as one of a handle that was closed: nothing was done.
                FailAll(failure);
                return;
            }
        }
        while (RunRound());
    }

    /// <summary>Others hold the lock for microseconds, unless they were stopped.</summary>
    private bool TryEnter()
    {
        try
        {
            for (var i = 0; i < Tries; i++)
            {
                if (log.TryEnter())
                {
                    return true;
                }

                Thread.SpinWait(30);
                if (i % 10 == 9)
                {
                    Thread.Yield();
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            return false; // asked again where the failure can be told to all who wait
        }

        return false;
    }

    /// <summary>Serves everybody who waits. The log is locked, and is not when this returns.</summary>
    /// <returns>Whether somebody waits again.</returns>
    private bool RunRound()
    {
        List<LogStep> batch;
        lock (_gate)
        {
            (batch, _waiting) = (_waiting, _spare);
        }

        try
        {
            try
            {
                log.CatchUp();
                foreach (var step in batch)
                {
                    step.Run();
                }

                log.Write();
            }
            finally
            {
                log.Exit();
            }

            var last = log.Synced;
            foreach (var step in batch)
            {
                if (step.RestsOn <= last)
                {
                    step.Answer();
                }
            }

            if (batch.Exists(static step => !step.IsAnswered))
            {
                log.Sync();
                batch.ForEach(static step => step.Answer());
            }
        }
        catch (Exception failure)
        {
            // Whatever failed, it is not known what of this batch counts; each caller is told, and asks again with the same token.
            batch.ForEach(step => step.Fail(failure));
        }

        lock (_gate)
        {
            batch.Clear();
            _spare = batch;
            _isServed = _waiting.Count > 0;
            return _isServed;
        }
    }

    private void FailAll(Exception failure)
    {
        List<LogStep> batch;
        lock (_gate)
        {
            (batch, _waiting) = (_waiting, []);
            _isServed = false;
        }

        batch.ForEach(step => step.Fail(failure));
    }
}
