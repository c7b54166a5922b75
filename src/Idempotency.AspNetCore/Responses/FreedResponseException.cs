namespace Idempotency.AspNetCore.Responses;

/// <summary>Tells the guard to free the key, and carries to the caller what the handler ended with.</summary>
internal sealed class FreedResponseException(StoredResponse? response, Exception? failure) : Exception("The key is freed, as the endpoint's options say.", failure)
{
    public StoredResponse? Response { get; } = response;
}
