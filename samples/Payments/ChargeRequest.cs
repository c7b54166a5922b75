namespace Payments;

/// <summary>A charge that somebody wants made once.</summary>
/// <param name="ChargeId">The intent: however often it is delivered, it is one charge.</param>
/// <param name="Customer">Who pays.</param>
/// <param name="Amount">How much, in the currency's smallest unit.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="Card">Which card; see <see cref="TestCard"/> for those that fail.</param>
public sealed record ChargeRequest(string ChargeId, string Customer, long Amount, string Currency, string Card = TestCard.Pays);
