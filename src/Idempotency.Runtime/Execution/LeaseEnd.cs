using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>Ends leases of attempts whose record will not be settled, so that the crash policy decides at once.</summary>
internal sealed class LeaseEnd(TimeProvider time, IdempotencyTelemetry telemetry) : IDisposable
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    private volatile bool _isDisposed;

    /// <summary>
    /// Tries until the store answers: where a lease is its owner's life, the key would else be taken for as long as this process lives.
    /// </summary>
    public async Task EndAsync(RunningAttempt attempt)
    {
        var backoff = new Backoff(time, s_longestPause);
        while (!_isDisposed)
        {
            try
            {
                await attempt.Store.RenewAsync(attempt.RecordKey, attempt.Owner, TimeSpan.Zero).ConfigureAwait(false);
                return;
            }
            catch (ObjectDisposedException)
            {
                return; // the store is closed, and will not answer any more
            }
            catch (Exception failure)
            {
                // Whatever failed, nobody waits for this call, and sending it again is harmless.
                telemetry.RenewalFailed(attempt.RecordKey, failure);
            }

            await backoff.PauseAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => _isDisposed = true;
}
