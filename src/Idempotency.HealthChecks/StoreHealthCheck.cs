using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idempotency.HealthChecks;

/// <summary>Asks a store for a record, as an operator does.</summary>
/// <remarks>
/// The time limit is kept here and not by the health check service, which only cancels a check and waits for one that does not
/// listen.
/// </remarks>
internal sealed class StoreHealthCheck(IServiceProvider services, string? storeName, TimeSpan? timeout, TimeProvider time) : IHealthCheck
{
    /// <summary>No guard makes a key of an operation by this name, so there is never a record.</summary>
    private const string Operation = "idempotency.health-check";

    private static readonly string s_key = new('0', 64);

    private string Store => storeName is null ? "The idempotency store" : $"The idempotency store '{storeName}'";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            // Making the store may connect, and so may fail: it belongs to the check.
            var records = services.GetRequiredService<IdempotencyOperator>();
            var answer = Task.Run(() => records.FindAsync(Operation, s_key, storeName, cancellationToken), cancellationToken);
            await (timeout is { } longest ? answer.WaitAsync(longest, time, cancellationToken) : answer).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"{Store} answers.");
        }
        catch (TimeoutException failure)
        {
            return new HealthCheckResult(
                context.Registration.FailureStatus,
                $"{Store} did not answer within {timeout}. Look at the server, at the network and at how busy this process is, or allow the check more time.",
                failure);
        }
        catch (StoreUnavailableException failure)
        {
            return new HealthCheckResult(
                context.Registration.FailureStatus,
                $"{Store} does not answer, and guarded calls are refused: {failure.InnerException?.Message ?? failure.Message} Look at the server and at how it is reached.",
                failure);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // A store of one's own may throw anything when it is made, and a check reports what it finds.
            return new HealthCheckResult(
                context.Registration.FailureStatus, $"{Store} could not be asked: {failure.Message} Look at how it is registered.", failure);
        }
    }
}
