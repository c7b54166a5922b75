using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Idempotency.Http;

/// <summary>Gives each outgoing call of one attempt the key of its own: the same for the same call of every other attempt.</summary>
/// <remarks>
/// They hang on the attempt's context and not on a handler: a factory replaces its handlers every few minutes, also while a body runs,
/// and the calls of a body that outlives one must be counted on. The context is the key of a weak table, so that nothing is left of them
/// when the attempt is over.
/// </remarks>
internal sealed class OutgoingCalls
{
    private static readonly ConditionalWeakTable<IdempotencyContext, OutgoingCalls> s_ofAttempts = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The key of the attempt's next call with this client, method and URI.</summary>
    public static string NextKey(IdempotencyContext context, string client, HttpMethod method, Uri uri)
    {
        var call = NameOf(client, method, uri);
        var ordinal = s_ofAttempts.GetValue(context, static _ => new OutgoingCalls()).Count(call);

        // The text decides every key, so that another one would let a retry after an update repeat what was done: it never changes.
        return context.ChildKey(string.Create(CultureInfo.InvariantCulture, $"Idempotency.Http/1 {ordinal} {call}"));
    }

    /// <summary>
    /// What tells this call from others, with no two in common: a method has no space, the client's name says how long it is, and the
    /// rest is the URI.
    /// </summary>
    private static string NameOf(string client, HttpMethod method, Uri uri) =>
        string.Create(CultureInfo.InvariantCulture, $"{method.Method.ToUpperInvariant()} {client.Length}:{client} {AsSent(uri)}");

    /// <summary>
    /// What of a URI says where the request goes: neither the fragment nor user and password, which are not sent, and always the port.
    /// Put together here, because a URI that was made without normalization refuses to give its components away.
    /// </summary>
    private static string AsSent(Uri uri) => string.Create(CultureInfo.InvariantCulture, $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}{uri.PathAndQuery}");

    private int Count(string call)
    {
        lock (_gate)
        {
            return ++CollectionsMarshal.GetValueRefOrAddDefault(_counts, call, out _);
        }
    }
}
