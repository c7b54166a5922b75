using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>The request's own features, which stand in for others while its handler runs.</summary>
internal sealed class OwnFeatures(IFeatureCollection features)
{
    private readonly IHttpResponseTrailersFeature? _trailers = features.Get<IHttpResponseTrailersFeature>();
    private readonly KeyValuePair<string, StringValues>[] _headers = features.GetRequiredFeature<IHttpResponseFeature>().Headers is { Count: > 0 } set ? [.. set] : [];
    private bool _isRestored;

    public IHttpResponseFeature Response { get; } = features.GetRequiredFeature<IHttpResponseFeature>();

    public IHttpResponseBodyFeature Body { get; } = features.GetRequiredFeature<IHttpResponseBodyFeature>();

    public IHttpRequestLifetimeFeature? Lifetime { get; } = features.Get<IHttpRequestLifetimeFeature>();

    /// <summary>Drops the status and the headers that the handler has set; headers that were there before it stay.</summary>
    public void ClearResponse()
    {
        Response.StatusCode = StatusCodes.Status200OK;
        Response.ReasonPhrase = null;
        Response.Headers.Clear();
        foreach (var (name, values) in _headers)
        {
            Response.Headers[name] = values;
        }
    }

    /// <summary>Puts them back; once, because whoever comes later may have set others.</summary>
    public void Restore()
    {
        if (_isRestored)
        {
            return;
        }

        _isRestored = true;
        features.Set(Response);
        features.Set(Body);
        features.Set(Lifetime);
        features.Set(_trailers);
        features.Set<IdempotencyContext>(null);
    }
}
