using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>What telling the store ended with.</summary>
/// <param name="Answer">The store's answer; <see langword="null"/> when there was none in time.</param>
/// <param name="Failure">The last failure, when there was no answer.</param>
internal readonly record struct Settlement(OwnerAnswer? Answer, Exception? Failure);
