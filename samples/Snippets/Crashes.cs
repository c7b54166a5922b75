using Idempotency;

namespace Snippets.Crashes;

public interface IBank
{
    Task<string> TransferAsync(string account, decimal amount, string idempotencyKey, CancellationToken cancellationToken);
}

#region crash-downstream
public sealed partial class Payouts(IdempotencyGuard guard, IBank bank)
{
    [Idempotent(Name = "payouts.pay")]
    public partial Task<string> PayAsync([IdempotencyKey] Guid payoutId, string account, decimal amount, CancellationToken cancellationToken = default);

    // A body may ask for the context. Its key is the same in every attempt, so the bank can tell a repetition from a new transfer.
    private Task<string> PayCoreAsync(Guid payoutId, string account, decimal amount, IdempotencyContext context, CancellationToken cancellationToken) =>
        bank.TransferAsync(account, amount, idempotencyKey: context.Key, cancellationToken);
}
#endregion

public sealed partial class Salaries(IdempotencyGuard guard, IBank bank)
{
    #region crash-hold
    [Idempotent(Name = "salaries.pay", OnCrash = OnCrash.Hold, OnFailure = OnFailure.Lock)]
    public partial Task<string> PaySalaryAsync(int employee, int year, int month, decimal amount);

    private async Task<string> PaySalaryCoreAsync(int employee, int year, int month, decimal amount, IdempotencyContext context)
    {
        var tax = await bank.TransferAsync("tax office", amount * 0.3m, context.ChildKey("tax"), context.CancellationToken);
        var net = await bank.TransferAsync($"employee {employee}", amount * 0.7m, context.ChildKey("net"), context.CancellationToken);
        return $"{year}-{month}: {tax}, {net}";
    }
    #endregion
}
