namespace Idempotency;

/// <summary>Keeps a parameter, or a property of a parameter's type, out of both the key and the fingerprint.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class IdempotencyIgnoreAttribute : Attribute;
