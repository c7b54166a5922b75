using Idempotency;
using Shop;

namespace Snippets.Testing;

internal sealed class CountingGateway : IPaymentGateway
{
    public int Charges { get; private set; }

    public Task<string> ChargeAsync(Guid orderId, decimal amount, CancellationToken cancellationToken) => Task.FromResult($"r-{++Charges}");
}

internal static class InvoiceTests
{
    public static async Task A_second_call_gets_the_first_receipt()
    {
        #region testing
        var gateway = new CountingGateway();
        var invoices = new Invoices(IdempotencyGuard.Create(new MemoryStore()), gateway); // a new store for every test
        var order = Guid.NewGuid();

        var first = await invoices.ChargeAsync(order, 9.99m);
        var again = await invoices.ChargeAsync(order, 9.99m);

        if (first != again || gateway.Charges != 1)
            throw new InvalidOperationException("It was charged twice.");
        #endregion
    }
}
