using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Responses;

/// <summary>Stands between a handler and the response, so that nothing of it leaves before its outcome is stored.</summary>
internal sealed class ResponseCapture
{
    private readonly CapturedResponseFeature _response;
    private readonly CapturedBodyFeature _bodyFeature;

    /// <param name="features">Where the handler finds its response.</param>
    /// <param name="own">The server's response.</param>
    /// <param name="limit">The largest body that is held back, in bytes.</param>
    /// <param name="mayStream">Whether a larger one, or one that is read while it is written, may ask to be let through.</param>
    public ResponseCapture(IFeatureCollection features, IHttpResponseFeature own, int limit, bool mayStream)
    {
        _response = new CapturedResponseFeature(own, features);
        Body = new CapturedBody(limit, mayStream ? () => own.Headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) : null);
        _bodyFeature = new CapturedBodyFeature(Body);
        features.Set<IHttpResponseFeature>(_response);
        features.Set<IHttpResponseBodyFeature>(_bodyFeature);
    }

    public CapturedBody Body { get; }

    /// <summary>Takes in what the handler has written and not flushed.</summary>
    public Task CompleteAsync() => _bodyFeature.CompleteAsync();

    /// <summary>Does what the handler wanted done when its response starts.</summary>
    public Task StartAsync() => _response.StartAsync();
}
