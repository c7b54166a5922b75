using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>
/// The request's lifetime as its handler sees it: that of the attempt, and not that of the connection, until its response is streamed and nothing
/// is left to be stored.
/// </summary>
internal sealed class DetachedLifetime : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly IHttpRequestLifetimeFeature? _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _attempt;
    private CancellationTokenRegistration _caller;

    public DetachedLifetime(IHttpRequestLifetimeFeature? connection, CancellationToken attempt)
    {
        _connection = connection;
        _attempt = attempt.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        RequestAborted = _stop.Token;
    }

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => _connection?.Abort();

    /// <summary>Lets the caller stop the handler from now on.</summary>
    public void Attach() =>
        _caller = (_connection?.RequestAborted ?? default).UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);

    public void Dispose()
    {
        // Waits for a cancellation that is under way, so that none reaches the source once it is disposed of.
        _attempt.Dispose();
        _caller.Dispose();
        _stop.Dispose();
    }
}
