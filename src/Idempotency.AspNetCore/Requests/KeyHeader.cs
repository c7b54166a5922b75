using Microsoft.Extensions.Primitives;

namespace Idempotency.AspNetCore.Requests;

/// <summary>Reads the key from its header, before anything else is done.</summary>
internal static class KeyHeader
{
    private const string BareCharacters = "!#$%&'*+-./:=@^_`|~";

    /// <summary>Reads the key.</summary>
    /// <param name="lines">The header's lines.</param>
    /// <param name="acceptsBare">Whether a key may come without its quotes.</param>
    /// <param name="maxLength">The longest key, in characters.</param>
    /// <param name="fault">What is wrong with it, as a sentence that does not quote it.</param>
    /// <returns>The key; <see langword="null"/> when there is none, or it is not one.</returns>
    public static string? Read(StringValues lines, bool acceptsBare, int maxLength, out string? fault)
    {
        fault = null;
        if (lines.Count == 0)
        {
            return null;
        }

        if (lines.Count > 1)
        {
            fault = "It was sent more than once; a request has one key.";
            return null;
        }

        var text = lines[0] ?? "";
        var isBare = acceptsBare && !text.AsSpan().TrimStart(' ').StartsWith('"');
        var key = isBare ? ReadBare(text) : StructuredString.Parse(text);
        fault = key switch
        {
            null when isBare => "It is neither a string in double quotes nor a bare key of letters, digits and " + BareCharacters + ".",
            null => "It is not a structured field string (RFC 9651), which is text in double quotes, such as \"8e03978e-40d5-43dd-bc93-6894a57f9324\".",
            "" => "It is empty.",
            _ when key.Length > maxLength => $"It has {key.Length} characters; at most {maxLength} are allowed.",
            _ => null,
        };
        return fault is null ? key : null;
    }

    private static string? ReadBare(string text)
    {
        var key = text.Trim(' ');
        return key.All(static character => char.IsAsciiLetterOrDigit(character) || BareCharacters.Contains(character)) ? key : null;
    }
}
