using Microsoft.Extensions.Logging;

namespace Idempotency.PostgreSql;

/// <summary>Removes expired records from time to time, as long as the store is used: a batch after the other until none is left.</summary>
internal sealed partial class Purging(Func<int, CancellationToken, ValueTask<int>> purge, TimeSpan interval, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Short enough for a statement that others do not notice.</summary>
    private const int Batch = 1000;

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _isRunning;

    /// <summary>Called whenever the store is used; only the first call does something.</summary>
    public void Begin()
    {
        if (_timer is not null || interval == TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            // The timer outlives the call it happens to be made in, and must not carry that call's context.
            using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();

            // Spread, so that processes that were started together do not clean up together.
            var period = interval * (0.75 + (Random.Shared.NextDouble() / 2));
            _timer ??= _end.IsCancellationRequested ? null : time.CreateTimer(static purging => _ = ((Purging)purging!).RunAsync(), this, period, period);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _end.Cancel();
            _timer?.Dispose();
        }
    }

    private async Task RunAsync()
    {
        lock (_gate)
        {
            if (_isRunning)
            {
                return; // there is more to remove than an interval has time for
            }

            _isRunning = true;
        }

        try
        {
            while (await purge(Batch, _end.Token).ConfigureAwait(false) == Batch)
            {
            }
        }
        catch (Exception) when (_end.IsCancellationRequested)
        {
            // The store was disposed of.
        }
        catch (Exception failure)
        {
            // Whatever failed: what has expired counts as absent in any case, and the next time comes.
            CouldNotPurge(logger, failure);
        }
        finally
        {
            lock (_gate)
            {
                _isRunning = false;
            }
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "Expired idempotency records could not be removed from PostgreSQL. They count as absent, and it is tried again.")]
    private static partial void CouldNotPurge(ILogger logger, Exception failure);
}
