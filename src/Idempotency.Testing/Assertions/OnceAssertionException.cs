namespace Idempotency.Testing;

/// <summary>A promise of once did not hold. The message says which, and at which point it broke.</summary>
public sealed class OnceAssertionException : Exception
{
    /// <summary>Says what broke.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">What a caller got, where that is what broke the promise.</param>
    public OnceAssertionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
