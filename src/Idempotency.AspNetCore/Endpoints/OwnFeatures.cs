using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>The request's own features, which stand in for others while its handler runs.</summary>
internal sealed class OwnFeatures(IFeatureCollection features)
{
    private readonly IHttpResponseTrailersFeature? _trailers = features.Get<IHttpResponseTrailersFeature>();
    private bool _isRestored;

    public IHttpResponseFeature Response { get; } = features.GetRequiredFeature<IHttpResponseFeature>();

    public IHttpResponseBodyFeature Body { get; } = features.GetRequiredFeature<IHttpResponseBodyFeature>();

    public IHttpRequestLifetimeFeature? Lifetime { get; } = features.Get<IHttpRequestLifetimeFeature>();

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
