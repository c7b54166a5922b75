namespace Idempotency.Execution;

/// <summary>Where <see cref="LeaseKeeper"/> has an attempt.</summary>
/// <param name="List">Which of its lists the attempt is or was in.</param>
/// <param name="Number">Which in the list, from 1; 0 when it is not, or no more, in it.</param>
internal readonly record struct LeasePlace(int List, int Number);
