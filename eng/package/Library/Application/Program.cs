using Charging;
using Idempotency;

using var guard = IdempotencyGuard.Create(new MemoryStore());
var charges = new Charges(guard);
var refunds = new Refunds(guard);
await charges.CreateAsync(7);
await charges.CreateAsync(7);
await refunds.CreateAsync(7);
await refunds.CreateAsync(7);
Console.WriteLine($"charged once: {charges.Made * refunds.Made}");

/// <summary>The compiler's part of the package comes through the library too.</summary>
public sealed partial class Refunds(IdempotencyGuard guard)
{
    public int Made { get; private set; }

    [Idempotent]
    public partial Task<int> CreateAsync(int orderId);

    private Task<int> CreateCoreAsync(int orderId) => Task.FromResult(++Made);
}
