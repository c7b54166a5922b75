namespace Idempotency.AspNetCore.Requests;

/// <summary>The body is one that a request with a key may not have.</summary>
internal sealed class RequestBodyException : Exception
{
    private RequestBodyException(bool isTooLarge, string message, Exception? innerException = null)
        : base(message, innerException) => IsTooLarge = isTooLarge;

    public bool IsTooLarge { get; }

    public static RequestBodyException TooLarge(long limit) => new(isTooLarge: true, $"The body has more than {limit} bytes.");

    public static RequestBodyException Invalid(string message, Exception? innerException = null) => new(isTooLarge: false, message, innerException);
}
