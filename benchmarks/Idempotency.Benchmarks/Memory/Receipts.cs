namespace Idempotency.Benchmarks.Memory;

/// <summary>A method whose results are all one object, so that only what remembers them takes memory.</summary>
public sealed partial class Receipts(IdempotencyGuard guard)
{
    public static readonly Receipt Only = new("order-123456", 12.50m);

    [Idempotent(Name = "benchmarks.receipt")]
    public partial ValueTask<Receipt> GetAsync(int userId, decimal amount, string orderId, Guid requestId);

#pragma warning disable IDE0060 // the key is made of them
    private static ValueTask<Receipt> GetCoreAsync(int userId, decimal amount, string orderId, Guid requestId) => new(Only);
#pragma warning restore IDE0060
}
