using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idempotency.AspNetCore.Responses;

/// <summary>The headers of ours on a response that scripts of another origin may read. Among a request's features where such a script may have sent it.</summary>
internal sealed class ExposedHeaders
{
    private readonly HashSet<string> _names = [];

    /// <summary>Lets them read this one, if there is anybody to read it.</summary>
    public static void Add(HttpContext context, string name) => context.Features.Get<ExposedHeaders>()?._names.Add(name);

    /// <summary>Says so on a response that the application lets them read at all.</summary>
    public void WriteTo(IHeaderDictionary headers)
    {
        if (_names.Count > 0 && headers.ContainsKey(HeaderNames.AccessControlAllowOrigin))
        {
            headers.Append(HeaderNames.AccessControlExposeHeaders, string.Join(", ", _names));
        }
    }
}
