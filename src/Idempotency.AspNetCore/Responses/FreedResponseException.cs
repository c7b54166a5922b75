namespace Idempotency.AspNetCore.Responses;

/// <summary>Tells the guard to free the key.</summary>
internal sealed class FreedResponseException() : Exception("The key is freed, as the endpoint's options say.");
