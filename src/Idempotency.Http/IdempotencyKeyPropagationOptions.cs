using System.Buffers;

namespace Idempotency;

/// <summary>Which outgoing requests carry a key, and how. Checked when the host starts and when a handler is made.</summary>
public sealed class IdempotencyKeyPropagationOptions
{
    /// <summary>What RFC 9110 lets a header's name consist of.</summary>
    private static readonly SearchValues<char> s_tokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>
    /// The request header that carries the key; <c>Idempotency-Key</c> by default. A name that HTTP allows, and none that belongs to the
    /// content, such as <c>Content-Type</c>.
    /// </summary>
    public string HeaderName { get; set; } = "Idempotency-Key";

    /// <summary>
    /// The methods whose requests carry a key, at least one; POST and PATCH by default, because repeating any other standard method does no
    /// harm by itself. They are compared without regard to case, as <see cref="HttpMethod"/> is.
    /// </summary>
    public ISet<HttpMethod> Methods { get; } = new HashSet<HttpMethod> { HttpMethod.Post, HttpMethod.Patch };

    /// <summary>
    /// Whether the key stands in quotes, as a String of RFC 9651, which is what the IETF's draft of the header asks for;
    /// <see langword="true"/> by default. <see langword="false"/> sends the bare 64 hexadecimal digits, for servers that take the quotes for a
    /// part of the key, or refuse them.
    /// </summary>
    /// <remarks>To a server that takes the quotes for a part of the key, changing this makes every key another one.</remarks>
    public bool IsQuoted { get; set; } = true;

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!IsRequestHeader(HeaderName))
        {
            yield return $"{nameof(IdempotencyKeyPropagationOptions)}.{nameof(HeaderName)} is '{HeaderName}'; it must be a name that HTTP allows for a header of a " +
                "request, of letters, digits and !#$%&'*+-.^_`|~ only, and none that belongs to the content, such as Content-Type.";
        }

        if (Methods.Count == 0)
        {
            yield return $"{nameof(IdempotencyKeyPropagationOptions)}.{nameof(Methods)} is empty; it must hold at least one method.";
        }
        else if (Methods.Contains(null!))
        {
            yield return $"{nameof(IdempotencyKeyPropagationOptions)}.{nameof(Methods)} holds null; it must hold methods, at least one.";
        }
    }

    /// <summary>Asks the headers themselves, too: they know those of the content, and would drop one without a word.</summary>
    private static bool IsRequestHeader(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.AsSpan().ContainsAnyExcept(s_tokenCharacters))
        {
            return false;
        }

        using var request = new HttpRequestMessage();
        return request.Headers.TryAddWithoutValidation(name, "key");
    }
}
