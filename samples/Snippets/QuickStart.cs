#region quick-start
using Idempotency;

namespace Shop;

public sealed partial class Invoices(IdempotencyGuard guard, IPaymentGateway payments)
{
    /// <summary>Charges an order once, however often this is called.</summary>
    [Idempotent(Name = "billing.charge", Ttl = "24h", OnDuplicate = OnDuplicate.Wait)]
    public partial Task<Receipt> ChargeAsync([IdempotencyKey] Guid orderId, decimal amount, CancellationToken cancellationToken = default);

    private async Task<Receipt> ChargeCoreAsync(Guid orderId, decimal amount, CancellationToken cancellationToken) =>
        new(await payments.ChargeAsync(orderId, amount, cancellationToken), amount);
}

public sealed record Receipt(string Number, decimal Amount);
#endregion

public interface IPaymentGateway
{
    Task<string> ChargeAsync(Guid orderId, decimal amount, CancellationToken cancellationToken);
}
