using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Idempotency.AspNetCore.Responses;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>What the options of one endpoint come to. One that exists is valid.</summary>
internal sealed class KeyPolicy
{
    private static readonly HashSet<string> s_neverReplayed = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.SetCookie, "Set-Cookie2", HeaderNames.Authorization, HeaderNames.WWWAuthenticate, "Authentication-Info", HeaderNames.ProxyAuthenticate,
        HeaderNames.ProxyAuthorization, "Proxy-Authentication-Info", HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TE,
        HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.ContentLength, HeaderNames.Date, HeaderNames.Age,
    };

    private readonly Dictionary<string, IdempotentOperation<StoredResponse>> _operations;

    /// <exception cref="InvalidOperationException">An option is out of its range; the message names the endpoint, the option and the range.</exception>
    public KeyPolicy(IdempotencyKeyOptions options, string endpoint, string route)
    {
        Options = options;
        Endpoint = endpoint;
        if (FaultOf(options) is { } fault)
        {
            throw new InvalidOperationException($"The idempotency key of endpoint '{endpoint}' is configured wrongly: {nameof(IdempotencyKeyOptions)}.{fault}");
        }

        _operations = options.Methods.ToDictionary(method => method, method => OperationFor(method, route), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The options. They are this policy's own and are not changed any more.</summary>
    public IdempotencyKeyOptions Options { get; }

    /// <summary>The endpoint's name, for messages.</summary>
    public string Endpoint { get; }

    public IdempotentOperation<StoredResponse>? OperationOf(string method) => _operations.GetValueOrDefault(method);

    private IdempotentOperation<StoredResponse> OperationFor(string method, string route)
    {
        var name = Options.Operation ?? $"{method.ToUpperInvariant()} {route}";
        try
        {
            return new IdempotentOperation<StoredResponse>(name, schema: $"{name} v1: method, tenant, subject, key -> response")
            {
                Ttl = Options.Ttl,
                Lease = Options.Lease,
                WaitTimeout = Options.WaitTimeout,
                OnDuplicate = Options.OnDuplicate,
                OnCrash = Options.OnCrash,
                CancelBody = Options.CancelHandler,
                Store = Options.Store,
                UnlockOn = [typeof(FreedResponseException)],
                ResultContract = ResponseJson.Default.StoredResponse,
                ResultIsImmutable = true,
            };
        }
        catch (ArgumentOutOfRangeException failure)
        {
            throw new InvalidOperationException(
                $"The idempotency key of endpoint '{Endpoint}' is configured wrongly: Ttl must be from 1 ms to 3,650 days, Lease and WaitTimeout from 1 ms to 1 day. {failure.Message}",
                failure);
        }
    }

    private static string? FaultOf(IdempotencyKeyOptions options)
    {
        if (!IsToken(options.HeaderName))
        {
            return $"{nameof(options.HeaderName)} is '{options.HeaderName}', which is not a header's name.";
        }

        if (options.Methods.FirstOrDefault(static method => !IsToken(method)) is { } method)
        {
            return $"{nameof(options.Methods)} has '{method}', which is not a method's name.";
        }

        if (options.Methods.Count == 0)
        {
            return $"{nameof(options.Methods)} is empty, so that nothing would be guarded.";
        }

        if (options.ExpiryHeaderName is { } expiry && !IsToken(expiry))
        {
            return $"{nameof(options.ExpiryHeaderName)} is '{expiry}', which is not a header's name.";
        }

        if (options.ReplayedHeaders.FirstOrDefault(static header => s_neverReplayed.Contains(header) || !IsToken(header)) is { } header)
        {
            return $"{nameof(options.ReplayedHeaders)} has '{header}', which cannot be sent again to another request: it is a cookie, a credential, belongs to one connection, or is not a header's name.";
        }

        if (options.Operation is not null && string.IsNullOrWhiteSpace(options.Operation))
        {
            return $"{nameof(options.Operation)} is empty; leave it null for the method and the route's template.";
        }

        if (!options.ProblemPage.IsAbsoluteUri)
        {
            return $"{nameof(options.ProblemPage)} is '{options.ProblemPage}'; it must be absolute, because clients compare it.";
        }

        return OutOfRange(nameof(options.MaxKeyLength), options.MaxKeyLength, 1, 1024)
            ?? OutOfRange(nameof(options.MaxResponseBytes), options.MaxResponseBytes ?? 0, 0, 1 << 30)
            ?? OutOfRange(nameof(options.MaxRequestBytes), options.MaxRequestBytes, 0, long.MaxValue)
            ?? OutOfRange(nameof(options.RequestBytesInMemory), options.RequestBytesInMemory, 0, 1 << 30)
            ?? OutOfRange(nameof(options.KeyReusedStatus), options.KeyReusedStatus, 400, 499)
            ?? Undefined(nameof(options.OnDuplicate), options.OnDuplicate)
            ?? Undefined(nameof(options.OnFailure), options.OnFailure)
            ?? Undefined(nameof(options.OnCrash), options.OnCrash);
    }

    private static string? OutOfRange(string option, long value, long least, long most) =>
        value < least || value > most ? $"{option} is {value}; it must be from {least} to {most}." : null;

    private static string? Undefined<T>(string option, T value)
        where T : struct, Enum => Enum.IsDefined(value) ? null : $"{option} is {value}, which is none of {string.Join(", ", Enum.GetNames<T>())}.";

    private static bool IsToken(string? text) =>
        !string.IsNullOrEmpty(text) && text.All(static character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character));
}
