namespace WebApi;

/// <summary>What a charge returns, and a line of the ledger.</summary>
/// <param name="Id">The charge.</param>
/// <param name="Caller">Who asked for it.</param>
/// <param name="UserId">Who has paid.</param>
/// <param name="Amount">How much.</param>
/// <param name="At">When.</param>
/// <param name="Process">The process that took the money: a receipt that another one sends again still names the first.</param>
public sealed record Receipt(string Id, string Caller, int UserId, decimal Amount, DateTimeOffset At, int Process);
