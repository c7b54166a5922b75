using System.Globalization;
using Idempotency.AspNetCore.Responses;
using Idempotency.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Idempotency.AspNetCore.Requests;

/// <summary>Writes what identifies a request, and what must not differ from the first request with its key.</summary>
internal static class GuardedKey
{
    /// <summary>Writes key and fingerprint and asks the guard, in one step because a writer lives on the stack.</summary>
    public static ValueTask<StoredResponse> RunAsync<TState>(
        IdempotencyGuard guard,
        IdempotentOperation<StoredResponse> operation,
        IdempotencyScope scope,
        string key,
        HttpRequest request,
        byte[] bodyHash,
        TState state,
        Func<TState, IdempotencyContext, ValueTask<StoredResponse>> body)
    {
        var writer = new KeyWriter(operation.KeyHeader, stackalloc byte[1024]);
        writer.Add(request.Method.ToUpperInvariant());
        writer.Add(scope.Tenant);
        writer.Add(scope.Subject);
        writer.Add(key);
        writer.BeginFingerprint();
        writer.Add(request.PathBase.Value);
        writer.Add(request.Path.Value);
        writer.AddMap(
            request.RouteValues is { Count: > 0 } values ? values : null,
            static (ref writer, name) => writer.Add(name.ToUpperInvariant()),
            static (ref writer, value) => writer.Add(Convert.ToString(value, CultureInfo.InvariantCulture)));
        writer.AddList(
            request.QueryString.HasValue ? QueryOf(request) : null,
            static (ref writer, parameter) =>
            {
                writer.Add(parameter.Name);
                writer.Add(parameter.Value);
            });
        writer.Add(request.ContentType);
        writer.Add(bodyHash.AsSpan());
        return guard.RunAsync(operation, ref writer, state, body, request.HttpContext.RequestAborted);
    }

    /// <summary>The parameters by name; those of one name stay in the order they were sent in, which may mean something.</summary>
    private static IEnumerable<(string Name, string Value)> QueryOf(HttpRequest request)
    {
        var parameters = new List<(string Name, string Value)>();
        foreach (var parameter in new QueryStringEnumerable(request.QueryString.Value))
        {
            parameters.Add((parameter.DecodeName().ToString(), parameter.DecodeValue().ToString()));
        }

        return parameters.OrderBy(static parameter => parameter.Name, StringComparer.Ordinal);
    }
}
