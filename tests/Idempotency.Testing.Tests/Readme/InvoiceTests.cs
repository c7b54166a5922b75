#region testing-an-application
using Idempotency;
using Idempotency.Testing;
using Xunit;

namespace Shop.Tests;

public sealed class InvoiceTests
{
    private readonly FakeBank _bank = new();
    private readonly Guid _order = Guid.NewGuid();

    [Fact]
    public Task An_order_is_charged_once_by_callers_at_once() => OnceAssert.HasOneEffectUnderConcurrencyAsync(
        guard => new Invoices(guard, _bank),                // what is tested, on a guard of the assertion's own
        invoices => invoices.ChargeAsync(_order, 9.99m),    // the call, the same each time
        () => _bank.Charges);                               // how many effects there were so far

    [Fact]
    public Task An_order_is_charged_at_most_once_wherever_the_process_dies() => OnceAssert.HasOneEffectUnderCrashesAsync(
        guard => new Invoices(guard, _bank), invoices => invoices.ChargeAsync(_order, 9.99m), () => _bank.Charges, OnCrash.Hold);

    [Fact]
    public async Task A_charge_whose_outcome_cannot_be_stored_is_not_repeated()
    {
        var time = new FakeTimeProvider();
        var store = new FaultInjectingStore(new MemoryStore(timeProvider: time), time);
        using var guard = IdempotencyGuard.Create(store, timeProvider: time);
        var invoices = new Invoices(guard, _bank);
        store.FailAlways(StoreOperation.Complete, StoreFault.AnswerLost);

        var call = invoices.ChargeAsync(_order, 9.99m);
        time.Advance(TimeSpan.FromMinutes(2)); // longer than the guard tries to store the outcome before it tells its caller
        await Assert.ThrowsAsync<OutcomeNotStoredException>(() => call);
        store.Heal();

        Assert.Equal("r-1", await invoices.ChargeAsync(_order, 9.99m));
        Assert.Equal(1, _bank.Charges);
    }
}

public sealed partial class Invoices(IdempotencyGuard guard, FakeBank bank)
{
    [Idempotent(Name = "billing.charge", OnDuplicate = OnDuplicate.Wait, OnCrash = OnCrash.Hold)]
    public partial Task<string> ChargeAsync([IdempotencyKey] Guid orderId, decimal amount, CancellationToken cancellationToken = default);

    private Task<string> ChargeCoreAsync(Guid orderId, decimal amount, CancellationToken cancellationToken) => bank.ChargeAsync(orderId, amount);
}

public sealed class FakeBank
{
    private int _charges;

    public int Charges => _charges;

    public Task<string> ChargeAsync(Guid orderId, decimal amount) => Task.FromResult($"r-{Interlocked.Increment(ref _charges)}");
}
#endregion
