using Idempotency;

namespace Charging;

/// <summary>Charges orders.</summary>
/// <param name="guard">Runs each charge once.</param>
public sealed partial class Charges(IdempotencyGuard guard)
{
    /// <summary>How many charges were really made.</summary>
    public int Made { get; private set; }

    /// <summary>Charges an order once.</summary>
    /// <param name="orderId">The order.</param>
    /// <returns>The number of the charge.</returns>
    [Idempotent(Name = "charges.create")]
    public partial Task<int> CreateAsync(int orderId);

    private Task<int> CreateCoreAsync(int orderId) => Task.FromResult(++Made);
}
