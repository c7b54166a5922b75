namespace Idempotency.DynamoDb;

/// <summary>What a waiter has to know of a record in progress.</summary>
/// <param name="Version">Changes with every renewal, too.</param>
/// <param name="Fence">Changes with the owner.</param>
/// <param name="Remaining">What is left of the lease.</param>
internal readonly record struct Glance(long Version, long Fence, TimeSpan Remaining);
