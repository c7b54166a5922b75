using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>What one run of a body in a transaction ended with, when the body did not fail.</summary>
/// <param name="Result">The result; good only if it was committed.</param>
/// <param name="Fate">
/// <see langword="null"/> when it was committed; otherwise <see cref="TransactionFate.Conflict"/> or <see cref="TransactionFate.Unknown"/>.
/// </param>
/// <param name="Failure">Why it was not, or may not have been.</param>
internal readonly record struct TransactionTry<TResult>(EncodedResult<TResult> Result, TransactionFate? Fate, Exception? Failure);
