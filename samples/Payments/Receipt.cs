namespace Payments;

/// <summary>What a charge returns, and a line of the ledger.</summary>
public sealed record Receipt(int Number, string ChargeId, string Customer, long Amount, string Currency);
