namespace Idempotency.Transactions.Tests;

public sealed record Effect(Guid Id, string Key);
