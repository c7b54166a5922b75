namespace Idempotency;

/// <summary>Lets a person resolve what the guard must not decide.</summary>
public sealed class IdempotencyOperator;
