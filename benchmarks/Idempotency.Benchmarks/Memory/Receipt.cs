namespace Idempotency.Benchmarks.Memory;

public sealed record Receipt(string OrderId, decimal Amount);
