using Idempotency;

namespace Snippets.ChoosingAKey;

public sealed record Order(Guid Id, string Customer, decimal Total);

#region key-on-property
public sealed record TransferRequest([IdempotencyKey] Guid TransferId, string From, string To, decimal Amount);
#endregion

public sealed partial class Examples(IdempotencyGuard guard)
{
    #region key-all
    // All arguments are the key: the same user with another amount is another invoice.
    [Idempotent]
    public partial Task<int> CreateInvoiceAsync(int userId, decimal amount, CancellationToken cancellationToken = default);
    #endregion

    #region key-parameter
    // The request id is the key. The same id with another amount is refused: IdempotencyKeyReusedException.
    [Idempotent(Name = "billing.refund")]
    public partial Task<int> RefundAsync([IdempotencyKey] Guid requestId, decimal amount, [IdempotencyIgnore] string reason);
    #endregion

    #region key-request
    // The properties marked in TransferRequest are the key; its other properties are compared.
    [Idempotent(Name = "accounts.transfer")]
    public partial Task<int> TransferAsync(TransferRequest request);
    #endregion

    #region key-template
    // The template is checked by the compiler and always within its operation: no other method shares the record.
    [Idempotent(Name = "orders.confirm", Key = "{order.Id}:{channel}")]
    public partial Task ConfirmAsync(Order order, string channel);
    #endregion

    private Task<int> CreateInvoiceCoreAsync(int userId, decimal amount) => Task.FromResult(userId + (int)amount);

    private Task<int> RefundCoreAsync(Guid requestId, decimal amount, string reason) => Task.FromResult(requestId.Version + (int)amount + reason.Length);

    private Task<int> TransferCoreAsync(TransferRequest request) => Task.FromResult((int)request.Amount);

    private Task ConfirmCoreAsync(Order order, string channel) => Console.Out.WriteLineAsync($"{order.Id} {channel}");
}

#region key-part
/// <summary>A type that says itself what its identity is: the IBAN without its spaces.</summary>
public sealed class Iban(string text) : IIdempotencyKeyPart
{
    public void WriteTo(ref Idempotency.Keys.KeyWriter key) => key.Add(text.Replace(" ", "", StringComparison.Ordinal));
}
#endregion
