using System.Text.RegularExpressions;

namespace Idempotency.Generator.Advice;

/// <summary>Names of values that should not be guessed from what is stored.</summary>
internal static class SensitiveNames
{
    private static readonly Regex s_words = new("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", RegexOptions.CultureInvariant);

    // Each is one word or several in a row.
    private static readonly string[] s_sensitive =
    [
        " password ", " passwd ", " pwd ", " passphrase ", " passcode ", " secret ", " credential ", " credentials ", " pin ", " cvv ", " cvc ", " pan ",
        " card number ", " card no ", " ssn ", " social security ", " iban ", " email ", " e mail ", " phone ", " phone number ", " birth date ",
        " date of birth ", " token ", " api key ", " private key ",
    ];

    // A token that only tells requests apart is what a key is made for.
    private static readonly string[] s_harmless =
    [
        " idempotency token ", " request token ", " client token ", " correlation token ", " deduplication token ", " dedup token ", " page token ",
        " continuation token ", " concurrency token ", " fencing token ",
    ];

    /// <summary>The words in a name that make it sensitive, or null.</summary>
    public static string? Match(string name)
    {
        var words = $" {string.Join(" ", s_words.Matches(name).Cast<Match>().Select(static word => word.Value.ToLowerInvariant()))} ";
        return s_harmless.Any(words.Contains) ? null : s_sensitive.FirstOrDefault(words.Contains)?.Trim();
    }
}
