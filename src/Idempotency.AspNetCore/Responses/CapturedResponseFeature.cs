using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Responses;

/// <summary>
/// The response as its handler sees it. What the handler wants done when the response starts is done before the response is stored, so that the
/// headers it adds then are stored too.
/// </summary>
internal sealed class CapturedResponseFeature(IHttpResponseFeature response, IFeatureCollection features) : IHttpResponseFeature
{
    private Stack<(Func<object, Task> Callback, object State)>? _onStarting;
    private bool _hasStarted;

    public int StatusCode { get => response.StatusCode; set => response.StatusCode = value; }

    public string? ReasonPhrase { get => response.ReasonPhrase; set => response.ReasonPhrase = value; }

    public IHeaderDictionary Headers { get => response.Headers; set => response.Headers = value; }

    /// <summary>The old way to the body must not lead around what is held back.</summary>
    public Stream Body
    {
        get => features.GetRequiredFeature<IHttpResponseBodyFeature>().Stream;
        set => throw new NotSupportedException("Set HttpResponse.Body instead.");
    }

    public bool HasStarted => response.HasStarted;

    public void OnStarting(Func<object, Task> callback, object state)
    {
        if (_hasStarted)
        {
            throw new InvalidOperationException("Nothing can be added to be done when the response starts, because it has started.");
        }

        (_onStarting ??= new()).Push((callback, state));
    }

    public void OnCompleted(Func<object, Task> callback, object state) => response.OnCompleted(callback, state);

    /// <summary>Does what was to be done when the response starts, the last added first.</summary>
    public async Task StartAsync()
    {
        _hasStarted = true;
        while (_onStarting is not null && _onStarting.TryPop(out var entry))
        {
            await entry.Callback(entry.State).ConfigureAwait(false);
        }
    }
}
