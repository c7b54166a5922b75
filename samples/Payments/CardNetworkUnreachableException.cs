namespace Payments;

/// <summary>Nobody answered and nothing was charged. Asking again may help, so the failure is not kept.</summary>
public sealed class CardNetworkUnreachableException(string message) : Exception(message);
