using Idempotency;

public sealed record Receipt(int Id, long Cents);

public sealed partial class Charges(IdempotencyGuard guard)
{
    public int Made { get; private set; }

    /// <summary>Charges an order once.</summary>
    [Idempotent(Name = "charges.create", Ttl = "24h")]
    public partial Task<Receipt> CreateAsync([IdempotencyKey] int orderId, long cents, CancellationToken cancellationToken = default);

    private Task<Receipt> CreateCoreAsync(int orderId, long cents, CancellationToken cancellationToken) =>
        Task.FromResult(new Receipt(++Made, cents));
}
