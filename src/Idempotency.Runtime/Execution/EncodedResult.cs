using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>A result on its way to the store.</summary>
/// <param name="Outcome">What the store is given.</param>
/// <param name="Result">What the caller is given: what every later caller will get.</param>
/// <param name="Loss">Why the result itself is not in <paramref name="Outcome"/>; <see langword="null"/> when it is.</param>
/// <param name="Failure">What was thrown when storing it was tried.</param>
internal readonly record struct EncodedResult<TResult>(StoredOutcome Outcome, TResult Result, string? Loss = null, Exception? Failure = null);
