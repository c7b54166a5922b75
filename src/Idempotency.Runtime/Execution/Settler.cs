using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>Tells the store how an attempt ended, and does not give up easily: the effect has happened.</summary>
/// <remarks>
/// It never looks at the caller's token, and the attempt's lease is renewed all the while. Every write carries the attempt's token
/// and fence, so that repeating one is harmless and a late one changes nothing that belongs to another.
/// </remarks>
internal sealed class Settler(TimeProvider time, IdempotencyOptions options, LeaseKeeper leases, IdempotencyTelemetry telemetry)
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    /// <summary>Stores the outcome, or frees the key when there is none, within two leases.</summary>
    public ValueTask<Settlement> SettleAsync(RunningAttempt attempt, StoredOutcome? outcome, TimeSpan retention) =>
        TryAsync(attempt, outcome, retention, 2 * attempt.Lease);

    /// <summary>
    /// Goes on trying after the caller was told that it failed, and then stops renewing the lease: the crash policy decides what
    /// a key means whose outcome nobody could store.
    /// </summary>
    public async Task SettleInBackgroundAsync(RunningAttempt attempt, StoredOutcome? outcome, TimeSpan retention)
    {
        telemetry.NotSettled(attempt.RecordKey);
        var settled = options.BackgroundCompletion > TimeSpan.Zero
            ? await TryAsync(attempt, outcome, retention, options.BackgroundCompletion).ConfigureAwait(false)
            : default;
        if (settled.Answer is null)
        {
            leases.LetGo(attempt);
        }

        leases.Forget(attempt);
        switch (settled.Answer)
        {
            case OwnerAnswer.Accepted:
                telemetry.SettledLate(attempt.RecordKey);
                break;
            case OwnerAnswer.Fenced:
                telemetry.SettledByOthers(attempt.RecordKey);
                break;
            default:
                telemetry.GivenUp(attempt.RecordKey);
                break;
        }
    }

    private async ValueTask<Settlement> TryAsync(RunningAttempt attempt, StoredOutcome? outcome, TimeSpan retention, TimeSpan patience)
    {
        long? failing = null;
        var backoff = new Backoff(time, s_longestPause < attempt.Lease / 3 ? s_longestPause : attempt.Lease / 3);
        while (true)
        {
            Exception unknown;
            try
            {
                var answer = await attempt.Store.SettleAsync(attempt.RecordKey, attempt.Owner, outcome, retention, attempt.Lease).ConfigureAwait(false);
                return new Settlement(answer, null);
            }
            catch (Exception failure)
            {
                // Whatever failed, the write was applied or it was not; sending it again is right in both cases.
                telemetry.SettlingFailed(attempt.RecordKey, failure);
                unknown = failure;
            }

            failing ??= time.GetTimestamp();
            if (time.GetElapsedTime(failing.Value) >= patience)
            {
                return new Settlement(null, unknown);
            }

            await backoff.PauseAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
