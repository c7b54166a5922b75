using Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Payments;

/// <summary>What came of delivering a file once.</summary>
/// <param name="Calls">How often a charge was asked for, repeated deliveries included.</param>
/// <param name="Replayed">Calls answered with the stored outcome.</param>
/// <param name="Waited">Calls that waited for another one and got its outcome.</param>
/// <param name="Refused">Calls with a charge id that had been used with other arguments.</param>
/// <param name="Unreachable">Calls whose body did not reach the card network.</param>
/// <param name="Declined">Calls whose body was told that the card is declined.</param>
/// <param name="Charges">What the ledger holds.</param>
public sealed record DeliveryRun(
    int Calls, long Replayed, long Waited, long Refused, int Unreachable, int Declined, IReadOnlyList<Receipt> Charges)
{
    /// <summary>How many charges were made although the same one had been made before.</summary>
    public int DoubleCharges => Charges.Count - Charges.DistinctBy(receipt => receipt.ChargeId).Count();

    /// <summary>Delivers through the guarded method.</summary>
    public static Task<DeliveryRun> GuardedAsync(IReadOnlyCollection<Delivery> deliveries, string ledgerPath) =>
        RunAsync(deliveries, ledgerPath, static payments => (charge, stop) =>
            payments.ChargeAsync(charge.ChargeId, charge.Customer, charge.Amount, charge.Currency, charge.Card, stop));

    /// <summary>Delivers to the same body without the guard.</summary>
    public static Task<DeliveryRun> UnguardedAsync(IReadOnlyCollection<Delivery> deliveries, string ledgerPath) =>
        RunAsync(deliveries, ledgerPath, static payments => (charge, stop) =>
            payments.ChargeUnguardedAsync(charge.ChargeId, charge.Customer, charge.Amount, charge.Currency, charge.Card, stop));

    private static async Task<DeliveryRun> RunAsync(
        IReadOnlyCollection<Delivery> deliveries,
        string ledgerPath,
        Func<PaymentService, Func<ChargeRequest, CancellationToken, Task<Receipt>>> entry)
    {
        var services = new ServiceCollection();
        services.AddIdempotency().UseMemoryStore(store => store.Capacity = Math.Max(1, deliveries.Count)); // never more charges than deliveries
        services.AddSingleton(_ => new Ledger(ledgerPath));
        services.AddSingleton<CardNetwork>();
        services.AddSingleton<PaymentService>();

        using var outcomes = new OutcomeCounter();
        await using var provider = services.BuildServiceProvider();
        var workers = new DeliveryWorkers(entry(provider.GetRequiredService<PaymentService>()));

        await workers.DeliverAsync(deliveries);

        var network = provider.GetRequiredService<CardNetwork>();
        return new DeliveryRun(
            workers.Calls,
            Replayed: outcomes[IdempotencyDiagnostics.Replayed],
            Waited: outcomes[IdempotencyDiagnostics.Waited],
            Refused: outcomes[IdempotencyDiagnostics.Mismatch],
            network.Unreachable,
            network.Declined,
            Ledger.Read(ledgerPath));
    }
}
