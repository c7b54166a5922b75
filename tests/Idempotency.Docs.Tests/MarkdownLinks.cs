using System.Text.RegularExpressions;

namespace Idempotency.Docs.Tests;

/// <summary>Finds the links of a Markdown page and the anchors they may point to, as GitHub shows them.</summary>
internal static partial class MarkdownLinks
{
    /// <summary>The targets of all links and images, outside code.</summary>
    public static IEnumerable<string> In(string markdown) =>
        Link().Matches(WithoutCode(markdown)).Select(match => match.Groups["target"].Value);

    /// <summary>The anchors of all headings.</summary>
    public static IEnumerable<string> AnchorsOf(string markdown)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(FencedCode().Replace(markdown, "")))
        {
            var text = LinkText().Replace(heading.Groups["text"].Value.Trim(), "${text}").ToLowerInvariant();
            var anchor = NotInAnchor().Replace(text, "").Replace(' ', '-');
            var before = seen[anchor] = seen.GetValueOrDefault(anchor, -1) + 1;
            yield return before == 0 ? anchor : $"{anchor}-{before}";
        }
    }

    private static string WithoutCode(string markdown) => InlineCode().Replace(FencedCode().Replace(markdown, ""), "");

    [GeneratedRegex("""\]\((?<target>[^()\s]+)(\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(?<target>\S+)|\b(href|src)="(?<target>[^"]+)""", RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^\s*```.*?^\s*```\s*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();
}
