using Idempotency;
using Idempotency.Testing;
using Xunit;

public sealed class ChargesTests
{
    private int _made;

    [Fact]
    public Task An_order_is_charged_once_by_callers_at_once() => OnceAssert.HasOneEffectUnderConcurrencyAsync(
        guard => new Charges(guard, () => ++_made), charges => charges.CreateAsync(7), () => _made);

    [Fact]
    public Task An_order_is_charged_once_wherever_the_process_dies() => OnceAssert.HasOneEffectUnderCrashesAsync(
        guard => new Charges(guard, () => ++_made), charges => charges.CreateAsync(7), () => _made, OnCrash.Hold);
}

public sealed partial class Charges(IdempotencyGuard guard, Func<int> charge)
{
    [Idempotent(Name = "charges.create", Ttl = "24h", OnCrash = OnCrash.Hold)]
    public partial Task<int> CreateAsync(int orderId, CancellationToken cancellationToken = default);

    private Task<int> CreateCoreAsync(int orderId, CancellationToken cancellationToken) => Task.FromResult(charge());
}
