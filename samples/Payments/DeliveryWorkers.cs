using Idempotency;

namespace Payments;

/// <summary>Delivers events as a payment provider does: many at once, and again when the answer is a failure that may pass.</summary>
public sealed class DeliveryWorkers(Func<ChargeRequest, CancellationToken, Task<Receipt>> charge)
{
    private const int Workers = 16;
    private const int MaxTries = 10;
    private static readonly TimeSpan Backoff = TimeSpan.FromMilliseconds(5);

    private int _calls;

    /// <summary>How often a charge was asked for, repeated deliveries included.</summary>
    public int Calls => _calls;

    /// <summary>Delivers all events, in order, sixteen at a time.</summary>
    public Task DeliverAsync(IEnumerable<Delivery> deliveries, CancellationToken cancellationToken = default) =>
        Parallel.ForEachAsync(
            deliveries,
            new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellationToken },
            async (delivery, stop) => await DeliverAsync(delivery.Data, stop));

    private async Task DeliverAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            Interlocked.Increment(ref _calls);
            try
            {
                await charge(request, cancellationToken);
                return;
            }
            catch (CardDeclinedException)
            {
                return; // an answer like any other; nobody sends the event again
            }
            catch (IdempotencyKeyReusedException)
            {
                return; // the sender's mistake; sending it again cannot mend it
            }
            catch (Exception failure) when (failure is CardNetworkUnreachableException or OperationInProgressException)
            {
                await Task.Delay(Backoff * attempt, cancellationToken);
            }
        }
    }
}
