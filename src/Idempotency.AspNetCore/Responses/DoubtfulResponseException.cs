namespace Idempotency.AspNetCore.Responses;

/// <summary>
/// Tells the guard to leave the key in doubt, and carries to the caller what the handler ended with. A time-out is what the guard takes for ambiguous.
/// </summary>
internal sealed class DoubtfulResponseException(StoredResponse? response, Exception? failure)
    : TimeoutException("The key is left in doubt, as the endpoint's options say.", failure)
{
    public StoredResponse? Response { get; } = response;
}
