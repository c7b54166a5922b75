using System.Collections.Frozen;
using System.Text;
using Idempotency.Http;

namespace Idempotency;

/// <summary>
/// Gives a request that is sent from inside a guarded body an idempotency key derived from that of the body: a retry of the body sends
/// every request with the key it had the first time. Outside of guarded bodies it adds nothing.
/// </summary>
/// <remarks>
/// <para>The key is <see cref="IdempotencyContext.ChildKey"/> of the client's name, the method, the URI as it is sent, and which of the calls
/// with the same three this one is in its attempt. The content is no part of it: a retry that builds another content is a mistake that the
/// server can refuse only if the key is the same.</para>
/// <para>A request that has the header already is left as it is, one that is sent again with the same key among them. Put this handler
/// outside of those that repeat requests or copy them: what stands outside of it and makes new requests gets new keys, and the server
/// carries each of them out.</para>
/// </remarks>
public sealed class IdempotencyKeyPropagationHandler : DelegatingHandler
{
    private static readonly HttpRequestOptionsKey<(IdempotencyContext Attempt, string Value)> s_given = new("Idempotency.Http.Given");
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _client;
    private readonly string _header;
    private readonly FrozenSet<HttpMethod> _methods;
    private readonly bool _isQuoted;

    // There is no state of its own. A factory makes a handler in a scope that is not the caller's, and lends it to many calls for some
    // minutes: none of that matters, because the context comes with the flow of the call, and what is counted hangs on the context.

    /// <summary>Makes one by hand; with a factory, use <see cref="IdempotencyHttpClientBuilderExtensions.AddIdempotencyKeyPropagation"/>.</summary>
    /// <param name="clientName">
    /// What tells this client's calls from those of another in the same body; empty by default. It is part of every key: with another name a
    /// retry sends other keys.
    /// </param>
    /// <param name="options">Which requests carry a key, and how; the defaults when absent. Changing them later changes nothing.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it. Or the name is not well-formed Unicode.</exception>
    public IdempotencyKeyPropagationHandler(string clientName = "", IdempotencyKeyPropagationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clientName);
        options ??= new IdempotencyKeyPropagationOptions();
        if (options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        try
        {
            s_strictUtf8.GetByteCount(clientName);
        }
        catch (EncoderFallbackException failure)
        {
            // Found now and not with the first request; no key can be made of half a surrogate pair.
            throw new ArgumentException("The client's name is not well-formed Unicode, so that no key can be made of it. Choose another one.", nameof(clientName), failure);
        }

        _client = clientName;
        _header = options.HeaderName;
        _methods = options.Methods.ToFrozenSet();
        _isQuoted = options.IsQuoted;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The request is to carry a key and has no absolute URI.</exception>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        GiveKey(request);
        return base.SendAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The request is to carry a key and has no absolute URI.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        GiveKey(request);
        return base.Send(request, cancellationToken);
    }

    private void GiveKey(HttpRequestMessage request)
    {
        if (IdempotencyContext.Current is not { } attempt || !_methods.Contains(request.Method))
        {
            return;
        }

        if (request.Headers.TryGetValues(_header, out var present))
        {
            // A message that another attempt has sent, kept by the caller and sent again: its key would be that of another intent, or be
            // given twice. A copy made by a handler outside has the header with or without the note, and both are left alone.
            if (!request.Options.TryGetValue(s_given, out var given) || ReferenceEquals(given.Attempt, attempt) || !present.SequenceEqual([given.Value]))
            {
                return;
            }

            request.Headers.Remove(_header);
        }

        var uri = request.RequestUri is { IsAbsoluteUri: true } absolute ? absolute : throw new InvalidOperationException(
            $"A {request.Method} request of operation '{attempt.Operation}' has no absolute URI, so that no idempotency key can be made for it; it was not sent. " +
            $"Give it one, or a {nameof(HttpClient.BaseAddress)} to its client.");
        var key = OutgoingCalls.NextKey(attempt, _client, request.Method, uri);
        var value = _isQuoted ? $"\"{key}\"" : key;
        request.Headers.TryAddWithoutValidation(_header, value);
        request.Options.Set(s_given, (attempt, value));
    }
}
