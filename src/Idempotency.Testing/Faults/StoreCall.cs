using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>One call of a store.</summary>
/// <param name="Number">Which call of the store it is, from 1.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="OperationNumber">Which call of this operation it is, from 1.</param>
/// <param name="Key">The key; <see langword="null"/> when records are purged.</param>
/// <param name="Token">The caller's token; <see langword="null"/> where it shows none.</param>
public sealed record StoreCall(int Number, StoreOperation Operation, int OperationNumber, IdempotencyKey? Key, OwnerToken? Token);
