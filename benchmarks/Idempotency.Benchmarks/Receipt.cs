namespace Idempotency.Benchmarks;

public sealed record Receipt(string OrderId, decimal Amount);
