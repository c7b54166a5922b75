using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Responses;

/// <summary>Lets everything that writes a response write to <see cref="CapturedBody"/>.</summary>
internal sealed class CapturedBodyFeature(CapturedBody body) : StreamResponseBodyFeature(body)
{
    public override void DisableBuffering() => body.IsUnbuffered = true;
}
