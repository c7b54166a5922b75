namespace Idempotency;

/// <summary>
/// Marks the parameters, or the properties of a parameter's type, that identify the intent. The arguments left out become the
/// fingerprint: the same key with another fingerprint is refused with <see cref="IdempotencyKeyReusedException"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class IdempotencyKeyAttribute : Attribute;
