using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Idempotency.AspNetCore.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>One run of a handler, whose response is held back until its outcome is stored.</summary>
internal sealed class HandlerRun : IDisposable
{
    private readonly HttpContext _context;
    private readonly KeyPolicy _policy;
    private readonly IdempotencyContext _attempt;
    private readonly IdempotencyOptions _guard;
    private readonly OwnFeatures _own;
    private readonly TimeProvider _time;
    private readonly DetachedLifetime _lifetime;
    private ResponseCapture _response;
    private Task? _handler;
    private bool _isStreaming;
    private Unkept? _unkept;

    public HandlerRun(HttpContext context, KeyPolicy policy, IdempotencyContext attempt)
    {
        (_context, _policy, _attempt) = (context, policy, attempt);
        _guard = context.RequestServices.GetRequiredService<IOptions<IdempotencyOptions>>().Value;
        _time = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        _own = new OwnFeatures(context.Features);
        _lifetime = new DetachedLifetime(_own.Lifetime, attempt.CancellationToken);
        context.Features.Set<IHttpRequestLifetimeFeature>(_lifetime);
        context.Features.Set<IHttpResponseTrailersFeature>(null); // they would come after what is stored; a handler that wants them is told that there are none
        context.Features.Set(attempt);
        _response = Capture(mayStream: true);
    }

    /// <summary>What the handler threw, when it goes on to the application.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Runs the handler until its response is there, or wants to be streamed.</summary>
    public async ValueTask<StoredResponse> RunAsync(RequestDelegate handler)
    {
        try
        {
            _handler = RunToEndAsync(handler);
            _response.Body.AllowWaiting();
            _isStreaming = !_handler.IsCompleted && await Task.WhenAny(_handler, _response.Body.StreamWanted).ConfigureAwait(false) != _handler;
            if (!_isStreaming)
            {
                await _handler.ConfigureAwait(false);
            }

            await _response.StartAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // The handler may throw anything, and its endpoint's options say what that means.
            await RefuseStreamAsync("Preparing the response failed.", failure).ConfigureAwait(false);
            return await JudgeAsync(failure).ConfigureAwait(false);
        }

        var response = Describe();
        return Fate.Of(_context, _policy, _attempt, response.StatusCode, null) switch
        {
            ResponseFate.Free => throw Free(response, null),
            ResponseFate.LeaveInDoubt when _policy.Options.OnCrash == OnCrash.Hold => throw LeaveInDoubt(response, null),
            _ => response,
        };
    }

    /// <summary>Whether this run made the response, and not another one that took the key over.</summary>
    public bool HasMade(StoredResponse response) => response.Fence == _attempt.Fence;

    /// <summary>Whether this is how the run told the guard that its response is not to be kept.</summary>
    public bool HasGivenUpKey(Exception signal) => ReferenceEquals(signal, _unkept?.Signal);

    /// <summary>Sends the response that is not kept, or throws what the handler threw, now that the key is where it belongs.</summary>
    public Task SendUnkeptAsync()
    {
        if (_unkept!.Failure is { } failure)
        {
            _own.Restore();
            ExceptionDispatchInfo.Throw(failure);
        }

        return SendAsync(_unkept.Response!, isKept: false);
    }

    /// <summary>Sends the response, now that its outcome is where it belongs.</summary>
    /// <param name="response">The response.</param>
    /// <param name="isKept">Whether retries get it again.</param>
    public async Task SendAsync(StoredResponse response, bool isKept)
    {
        if (_isStreaming)
        {
            _lifetime.Attach();
            try
            {
                await _response.Body.OpenAsync(_own.Body.Stream).ConfigureAwait(false);
            }
            catch (Exception failed)
            {
                // Whatever keeps the response from starting, the handler must not wait for it for ever.
                await RefuseStreamAsync("The response could not be started.", failed).ConfigureAwait(false);
                throw;
            }

            await _handler!.ConfigureAwait(false);
            return;
        }

        // What was written, and not what was read back from the store: a response that is not kept is sent all the same.
        _own.Restore();
        await _context.Response.SendAsync(_response.Body.Held, response, isKept ? _policy.Options.ExpiryHeaderName : null).ConfigureAwait(false);
    }

    /// <summary>Drops the response, because it must not leave, when the handler has ended.</summary>
    public async Task DiscardAsync(string reason, Exception? failure)
    {
        await RefuseStreamAsync(reason, failure).ConfigureAwait(false);
        _own.Restore();
        _own.ClearResponse();
    }

    public void Dispose()
    {
        _own.Restore();
        _lifetime.Dispose();
    }

    private async Task RunToEndAsync(RequestDelegate handler)
    {
        await handler(_context).ConfigureAwait(false);
        await _response.CompleteAsync().ConfigureAwait(false);
    }

    private async Task RefuseStreamAsync(string reason, Exception? failure)
    {
        if (!_isStreaming)
        {
            return;
        }

        _lifetime.Stop();
        _response.Body.Refuse(new IOException(reason, failure));
        try
        {
            await _handler!.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It failed because it was refused, or for a reason of its own; either way nothing of it is sent.
        }
    }

    private async ValueTask<StoredResponse> JudgeAsync(Exception failure)
    {
        switch (Fate.Of(_context, _policy, _attempt, StatusCodes.Status500InternalServerError, failure))
        {
            case ResponseFate.Free:
                throw Free(null, failure);
            case ResponseFate.LeaveInDoubt when _policy.Options.OnCrash == OnCrash.Hold:
                throw LeaveInDoubt(null, failure);
            case null:
                Failure = failure;
                ExceptionDispatchInfo.Throw(failure);
                break;
        }

        Log.FailureKept(Log.For(_context.RequestServices), _policy.Endpoint, failure);
        _isStreaming = false;
        try
        {
            BeginFailure(failure);
            await FailureResponse.WriteAsync(_context, _policy, failure, _lifetime.RequestAborted).ConfigureAwait(false);
            await _response.CompleteAsync().ConfigureAwait(false);
            await _response.StartAsync().ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            // The application's exception handlers are its own code and may throw anything. The failure is kept all the same, with nothing to say.
            Log.FailureUnexplained(Log.For(_context.RequestServices), _policy.Endpoint, failed);
            BeginFailure(failure);
        }

        return Describe();
    }

    /// <summary>Drops whatever was written.</summary>
    private void BeginFailure(Exception failure)
    {
        _response = Capture(mayStream: false);
        _own.ClearResponse();
        _own.Response.StatusCode = StatusCodes.Status500InternalServerError;
        FailureResponse.Announce(_context, failure);
    }

    private FreedResponseException Free(StoredResponse? response, Exception? failure)
    {
        var signal = new FreedResponseException();
        _unkept = new Unkept(signal, response, failure);
        return signal;
    }

    /// <returns>What the guard takes for ambiguous.</returns>
    private TimeoutException LeaveInDoubt(StoredResponse? response, Exception? failure)
    {
        var signal = new TimeoutException("The key is left in doubt, as the endpoint's options say.", failure);
        _unkept = new Unkept(signal, response, failure);
        return signal;
    }

    /// <summary>What is stored of the response: nothing but its status when it does not fit or is streamed. Of one that is, its handler still writes.</summary>
    private StoredResponse Describe()
    {
        var response = _own.Response;
        var marker = new StoredResponse
        {
            StatusCode = response.StatusCode,
            Fence = _attempt.Fence,
            KeptUntil = _time.GetUtcNow() + (_policy.Options.Ttl ?? _guard.DefaultTtl),
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: var id } ? id : null,
        };
        if (_isStreaming || _response.Body.Held.Length > LargestBody)
        {
            return marker;
        }

        var body = _response.Body.Held;
        var headers = StoredHeader.Of(response.Headers, _policy.Options.ReplayedHeaders);
        return StoredResponse.Fits(response.ReasonPhrase, headers, body.Length, _guard.MaxResultBytes)
            ? marker with { ReasonPhrase = response.ReasonPhrase, Headers = headers, Body = body.ToArray() }
            : marker;
    }

    private int LargestBody => Math.Min(_policy.Options.MaxResponseBytes ?? int.MaxValue, StoredResponse.LargestBody(_guard.MaxResultBytes));

    private ResponseCapture Capture(bool mayStream) => new(_context.Features, _own.Response, LargestBody, mayStream);

    /// <summary>How the handler ended, when retries are not to get it again.</summary>
    /// <param name="Signal">What tells the guard so.</param>
    /// <param name="Response">The response; <see langword="null"/> when the handler threw.</param>
    /// <param name="Failure">What the handler threw.</param>
    private sealed record Unkept(Exception Signal, StoredResponse? Response, Exception? Failure);
}
