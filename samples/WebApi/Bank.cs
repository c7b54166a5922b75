namespace WebApi;

/// <summary>Takes money, and its time. In an application of yours this is a call to a payment service.</summary>
public sealed partial class Bank(Ledger ledger, Arguments arguments, TimeProvider time, ILogger<Bank> log)
{
    /// <summary>Charges a user. A process may die on either side of the line in the ledger, and a client may hang up.</summary>
    public async Task<Receipt> ChargeAsync(string caller, Charge charge, CancellationToken cancellationToken)
    {
        LogCharging(charge.Amount, charge.UserId, caller);
        await Task.Delay(arguments.Takes, time, cancellationToken);

        var receipt = new Receipt($"ch_{Guid.NewGuid():N}", caller, charge.UserId, charge.Amount, time.GetUtcNow(), Environment.ProcessId);
        ledger.Append(receipt);
        await Task.Delay(arguments.AnswersAfter, time, CancellationToken.None); // the money is taken: nothing may come between it and its receipt
        return receipt;
    }

    [LoggerMessage(LogLevel.Information, "Charging {Amount} to user {UserId}, as {Caller} asks.")]
    private partial void LogCharging(decimal amount, int userId, string caller);
}
