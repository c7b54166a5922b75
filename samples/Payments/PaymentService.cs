using Idempotency;

namespace Payments;

/// <summary>Charges cards. This is the class to read first.</summary>
public sealed partial class PaymentService(IdempotencyGuard guard, Ledger ledger, CardNetwork network)
{
    /// <summary>
    /// Makes a charge once, however often it is asked for. The charge id is the key; the other arguments are compared, so that
    /// the same id with another amount is refused. A duplicate waits for the call that is running and gets the same receipt. A
    /// declined card stays declined; any other failure frees the key, and the next call tries again.
    /// </summary>
    [Idempotent(
        Name = "payments.charge",
        Ttl = "24h",
        OnDuplicate = OnDuplicate.Wait,
        OnFailure = OnFailure.Unlock,
        LockOn = [typeof(CardDeclinedException)])]
    public partial Task<Receipt> ChargeAsync(
        [IdempotencyKey] string chargeId, string customer, long amount, string currency, string card, CancellationToken cancellationToken = default);

    /// <summary>The same charge without the guard. It is here only to show what that costs.</summary>
    public Task<Receipt> ChargeUnguardedAsync(
        string chargeId, string customer, long amount, string currency, string card, CancellationToken cancellationToken = default) =>
#pragma warning disable IDEM032 // going without the guard is what this method is for
        ChargeCoreAsync(chargeId, customer, amount, currency, card, cancellationToken);
#pragma warning restore IDEM032

    private async Task<Receipt> ChargeCoreAsync(
        string chargeId, string customer, long amount, string currency, string card, CancellationToken cancellationToken)
    {
        await network.AuthorizeAsync(chargeId, card, cancellationToken);
        return ledger.Append(chargeId, customer, amount, currency);
    }
}
