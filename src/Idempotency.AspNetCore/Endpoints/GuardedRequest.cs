using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Idempotency.AspNetCore.Requests;
using Idempotency.AspNetCore.Responses;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>One request on its way through the guard: its key, its handler, its response.</summary>
internal sealed class GuardedRequest : IDisposable
{
    private readonly HttpContext _context;
    private readonly KeyPolicy _policy;
    private readonly RequestDelegate _handler;
    private HandlerRun? _run;

    private GuardedRequest(HttpContext context, KeyPolicy policy, RequestDelegate handler) => (_context, _policy, _handler) = (context, policy, handler);

    /// <summary>Runs the handler once for the request's key, or answers without it.</summary>
    public static async Task RunAsync(HttpContext context, KeyPolicy policy, RequestDelegate handler)
    {
        var options = policy.Options;
        if (policy.OperationOf(context.Request.Method) is not { } operation)
        {
            await handler(context).ConfigureAwait(false);
            return;
        }

        var key = KeyHeader.Read(context.Request.Headers[options.HeaderName], options.AcceptsBareKeys, options.MaxKeyLength, out var fault);
        if (fault is not null)
        {
            await Problem.KeyInvalid(policy, fault).WriteAsync(context).ConfigureAwait(false);
            return;
        }

        if (key is null)
        {
            await (options.IsRequired ? Problem.KeyMissing(policy).WriteAsync(context) : handler(context)).ConfigureAwait(false);
            return;
        }

        if (ScopeOf(context, options) is not { } scope)
        {
            await Problem.CallerUnknown(policy).WriteAsync(context).ConfigureAwait(false);
            return;
        }

        byte[] bodyHash;
        try
        {
            bodyHash = await RequestBody.HashAsync(context, options).ConfigureAwait(false);
        }
        catch (RequestBodyException refused)
        {
            await Problem.BodyRefused(policy, refused).WriteAsync(context).ConfigureAwait(false);
            return;
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException || (failure is IOException lost && !IsOfConnection(lost, context)))
        {
            // A disk that is full or cannot be written to.
            Log.BodyNotBuffered(Log.For(context.RequestServices), policy.Endpoint, failure);
            await Problem.BodyNotBuffered(policy).WriteAsync(context).ConfigureAwait(false);
            return;
        }

        using var request = new GuardedRequest(context, policy, handler);
        await request.RunAsync(operation, scope, key, bodyHash).ConfigureAwait(false);
    }

    public void Dispose() => _run?.Dispose();

    private async Task RunAsync(IdempotentOperation<StoredResponse> operation, IdempotencyScope scope, string key, byte[] bodyHash)
    {
        StoredResponse response;
        try
        {
            var guard = _context.RequestServices.GetRequiredService<IdempotencyGuard>();
            response = await GuardedKey.RunAsync(
                guard, operation, scope, key, _context.Request, bodyHash, this, static (request, attempt) => request.RunHandlerAsync(attempt)).ConfigureAwait(false);
        }
        catch (Exception signal) when (_run?.HasGivenUpKey(signal) == true)
        {
            // The run's own, which has come back as it was thrown: the guard has done with the key what it says.
            await _run.SendUnkeptAsync().ConfigureAwait(false);
            return;
        }
        catch (Exception failure) when (_run is null || !ReferenceEquals(failure, _run.Failure))
        {
            // Whatever it is, it is the guard's and not the handler's own. What has no answer of its own goes on to the application.
            await AnswerAsync(failure).ConfigureAwait(false);
            return;
        }

        if (_run is not null && _run.HasMade(response))
        {
            await _run.SendAsync(response, isKept: true).ConfigureAwait(false);
            return;
        }

        if (_run is not null)
        {
            await _run.DiscardAsync("Another request has taken the key over, and its response is sent.", null).ConfigureAwait(false);
        }

        await ReplayAsync(response).ConfigureAwait(false);
    }

    private static IdempotencyScope? ScopeOf(HttpContext context, IdempotencyKeyOptions options)
    {
        try
        {
            return (options.Scope ?? IdempotencyScope.OfUser)(context);
        }
        catch (ArgumentException)
        {
            return null; // a scope was to be made of what the client left empty
        }
    }

    /// <summary>What is wrong with a request, or with the way it comes, the server deals with itself.</summary>
    private static bool IsOfConnection(IOException failure, HttpContext context) =>
        failure is BadHttpRequestException or ConnectionResetException or EndOfStreamException || context.RequestAborted.IsCancellationRequested;

    private ValueTask<StoredResponse> RunHandlerAsync(IdempotencyContext attempt)
    {
        _run = new HandlerRun(_context, _policy, attempt);
        return _run.RunAsync(_handler);
    }

    private async Task AnswerAsync(Exception failure)
    {
        if (_run is not null)
        {
            await _run.DiscardAsync("The response was not let through, because its outcome could not be stored.", failure).ConfigureAwait(false);
        }
        else if (failure is StoreUnavailableException && _policy.Options.RunsUnguardedWithoutStore)
        {
            Log.RunUnguarded(Log.For(_context.RequestServices), _policy.Endpoint, failure);
            await _handler(_context).ConfigureAwait(false);
            return;
        }

        if (Problem.Of(failure, _policy, hasRun: _run is not null) is not { } problem)
        {
            ExceptionDispatchInfo.Throw(failure);
            return;
        }

        await problem.WriteAsync(_context).ConfigureAwait(false);
    }

    private async Task ReplayAsync(StoredResponse stored)
    {
        if (stored.TraceParent is not null && ActivityContext.TryParse(stored.TraceParent, null, isRemote: true, out var original))
        {
            Activity.Current?.AddLink(new ActivityLink(original));
        }

        if (stored.Body is null)
        {
            await Problem.ResponseNotKept(_policy, stored.StatusCode).WriteAsync(_context).ConfigureAwait(false);
            return;
        }

        await _context.Response.ReplayAsync(stored, _policy.Options.ExpiryHeaderName).ConfigureAwait(false);
    }
}
