using System.Text.Json.Serialization;
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
public sealed record DeliveryRun(int Calls, long Replayed, long Waited, long Refused, int Unreachable, int Declined)
{
    /// <summary>What the ledger holds.</summary>
    [JsonIgnore]
    public IReadOnlyList<Receipt> Charges { get; init; } = [];

    /// <summary>How many charges were made although the same one had been made before.</summary>
    [JsonIgnore]
    public int DoubleCharges => Charges.Count - Charges.DistinctBy(receipt => receipt.ChargeId).Count();

    /// <summary>The calls of two processes, which share a ledger.</summary>
    public static DeliveryRun operator +(DeliveryRun one, DeliveryRun other) => new(
        one.Calls + other.Calls,
        one.Replayed + other.Replayed,
        one.Waited + other.Waited,
        one.Refused + other.Refused,
        one.Unreachable + other.Unreachable,
        one.Declined + other.Declined);

    /// <summary>Delivers through the guarded method.</summary>
    /// <param name="deliveries">The file.</param>
    /// <param name="ledger">Where the charges go.</param>
    /// <param name="useStore">Chooses the store.</param>
    /// <param name="untilStart">Waits for the moment to begin, when the store has been reached.</param>
    public static Task<DeliveryRun> GuardedAsync(
        IReadOnlyCollection<Delivery> deliveries, Ledger ledger, Action<IdempotencyBuilder> useStore, Func<Task>? untilStart = null) =>
        RunAsync(deliveries, ledger, useStore, untilStart, static payments => (charge, stop) =>
            payments.ChargeAsync(charge.ChargeId, charge.Customer, charge.Amount, charge.Currency, charge.Card, stop));

    /// <summary>Delivers to the same body without the guard.</summary>
    public static Task<DeliveryRun> UnguardedAsync(IReadOnlyCollection<Delivery> deliveries, Ledger ledger) =>
        RunAsync(deliveries, ledger, static _ => { }, null, static payments => (charge, stop) =>
            payments.ChargeUnguardedAsync(charge.ChargeId, charge.Customer, charge.Amount, charge.Currency, charge.Card, stop));

    private static async Task<DeliveryRun> RunAsync(
        IReadOnlyCollection<Delivery> deliveries,
        Ledger ledger,
        Action<IdempotencyBuilder> useStore,
        Func<Task>? untilStart,
        Func<PaymentService, Func<ChargeRequest, CancellationToken, Task<Receipt>>> entry)
    {
        var services = new ServiceCollection();
        useStore(services.AddIdempotency(options => options.JsonTypeInfoResolvers.Add(PaymentsJson.Default))); // what a store outside this process keeps
        services.AddSingleton(ledger);
        services.AddSingleton<CardNetwork>();
        services.AddSingleton<PaymentService>();

        using var outcomes = new OutcomeCounter();
        await using var provider = services.BuildServiceProvider();
        var workers = new DeliveryWorkers(entry(provider.GetRequiredService<PaymentService>()));

        if (untilStart is not null)
        {
            // Whoever connects later than the other finds that all has been charged. There is no record of such a key; to look for one connects.
            await provider.GetRequiredService<IdempotencyOperator>().FindAsync("payments.charge", new string('0', 64));
            await untilStart();
        }

        await workers.DeliverAsync(deliveries);

        var network = provider.GetRequiredService<CardNetwork>();
        return new DeliveryRun(
            workers.Calls,
            Replayed: outcomes[IdempotencyDiagnostics.Replayed],
            Waited: outcomes[IdempotencyDiagnostics.Waited],
            Refused: outcomes[IdempotencyDiagnostics.Mismatch],
            network.Unreachable,
            network.Declined);
    }
}
