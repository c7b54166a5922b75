using System.Globalization;
using Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets.Failures;

#region failures-attribute
public sealed class CardDeclinedException(string message) : Exception(message);

public sealed partial class Cards(IdempotencyGuard guard, HttpClient network)
{
    // A declined card stays declined: the failure is kept and replayed. Any other failure frees the key; asking again is safe,
    // because the network knows a charge by its id.
    [Idempotent(Name = "cards.charge", OnFailure = OnFailure.Unlock, LockOn = [typeof(CardDeclinedException)])]
    public partial Task<string> ChargeAsync([IdempotencyKey] string chargeId, long cents, CancellationToken cancellationToken = default);

    private async Task<string> ChargeCoreAsync(string chargeId, long cents, CancellationToken cancellationToken)
    {
        var answer = await network.PostAsync(new Uri($"charges/{chargeId}?cents={cents}", UriKind.Relative), content: null, cancellationToken);
        if (answer.StatusCode == System.Net.HttpStatusCode.PaymentRequired)
            throw new CardDeclinedException("The bank said no.");

        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }
}
#endregion

public sealed class OutOfStockException(string message) : Exception(message);

public sealed class LimitExceededException(string message, decimal limit) : Exception(message)
{
    public decimal Limit { get; } = limit;
}

internal static class Startup
{
    public static void Configure(IServiceCollection services)
    {
        #region failures-replay
        services.AddIdempotency(options => options.Failures
            .Replay(message => new OutOfStockException(message))
            .Replay(
                restore: stored => new LimitExceededException(stored.Message, decimal.Parse(stored["limit"]!, CultureInfo.InvariantCulture)),
                save: (failure, stored) => stored["limit"] = failure.Limit.ToString(CultureInfo.InvariantCulture)));
        #endregion
    }
}
