using System.Collections.Concurrent;

namespace Payments;

/// <summary>Stands in for the card network: it takes its time, sometimes cannot be reached and sometimes says no.</summary>
public sealed class CardNetwork
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(4);

    private readonly ConcurrentDictionary<string, int> _tries = new();
    private int _unreachable;
    private int _declined;

    /// <summary>How many authorizations did not get through.</summary>
    public int Unreachable => _unreachable;

    /// <summary>How many authorizations were answered with no.</summary>
    public int Declined => _declined;

    /// <summary>Asks whether the card may be charged.</summary>
    /// <exception cref="CardNetworkUnreachableException">Nobody answered; trying again may help.</exception>
    /// <exception cref="CardDeclinedException">The answer is no; trying again does not help.</exception>
    public async Task AuthorizeAsync(string chargeId, string card, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, cancellationToken);

        var tries = _tries.AddOrUpdate(chargeId, 1, static (_, before) => before + 1);
        if (tries <= TestCard.UnreachableTries(card))
        {
            Interlocked.Increment(ref _unreachable);
            throw new CardNetworkUnreachableException("The card network did not answer.");
        }

        if (card == TestCard.Declined)
        {
            Interlocked.Increment(ref _declined);
            throw new CardDeclinedException("The card was declined.");
        }
    }
}
