namespace Idempotency.Benchmarks.Memory;

/// <summary>A method of four arguments with a small immutable result, guarded and bare.</summary>
public sealed partial class Charges(IdempotencyGuard guard)
{
    [Idempotent(Name = "benchmarks.charge")]
    public partial ValueTask<Receipt> ChargeAsync(int userId, decimal amount, string orderId, Guid requestId);

    /// <summary>The result of a call that must not have waited for anything.</summary>
    public static Receipt ResultOf(ValueTask<Receipt> call) =>
        call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call did not complete synchronously.");

    private static ValueTask<Receipt> ChargeCoreAsync(int userId, decimal amount, string orderId, Guid requestId) =>
        new(new Receipt(orderId, amount));
}
