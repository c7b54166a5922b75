using Microsoft.AspNetCore.Http.Features;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>
/// The request's lifetime as its handler sees it: that of the attempt, and not that of the connection, until its response is streamed and nothing
/// is left to be stored.
/// </summary>
internal sealed class DetachedLifetime(IHttpRequestLifetimeFeature? connection, CancellationToken attempt) : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly Lock _gate = new();
    private CancellationToken? _given;
    private CancellationTokenSource? _stop;
    private CancellationTokenRegistration _attempt;
    private CancellationTokenRegistration _caller;

    public CancellationToken RequestAborted
    {
        get
        {
            lock (_gate)
            {
                return _given ??= Source().Token; // most handlers never ask
            }
        }

        set
        {
            lock (_gate)
            {
                _given = value;
            }
        }
    }

    public void Abort() => connection?.Abort();

    /// <summary>Lets the caller stop the handler from now on.</summary>
    public void Attach()
    {
        CancellationTokenSource stop;
        lock (_gate)
        {
            stop = Source();
        }

        _caller = (connection?.RequestAborted ?? default).UnsafeRegister(Stop, stop);
    }

    /// <summary>The token is of no use any more. What the handler left running may still hold it, so it is let go and not taken away.</summary>
    public void Dispose()
    {
        _attempt.Unregister();
        _caller.Unregister();
    }

    private CancellationTokenSource Source()
    {
        if (_stop is null)
        {
            _stop = new CancellationTokenSource();
            _attempt = attempt.UnsafeRegister(Stop, _stop);
        }

        return _stop;
    }

    private static void Stop(object? stop) => ((CancellationTokenSource)stop!).Cancel();
}
