namespace Payments;

/// <summary>The bank said no. Asking again gives the same answer, so the failure is kept like a result.</summary>
public sealed class CardDeclinedException(string message) : Exception(message);
