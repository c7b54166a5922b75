using System.Text;
using System.Text.RegularExpressions;

namespace Idempotency.Docs.Tests;

/// <summary>A Markdown page with the code of its snippets filled in.</summary>
/// <param name="Text">The page as it should be.</param>
/// <param name="Used">The snippets it shows.</param>
/// <param name="Problems">C# on the page that no compiler has seen.</param>
internal sealed partial record SnippetPage(string Text, IReadOnlyList<string> Used, IReadOnlyList<string> Problems)
{
    /// <summary>Replaces the code of every C# fence that has a marker above it.</summary>
    public static SnippetPage Fill(string markdown, IReadOnlyDictionary<string, string> snippets)
    {
        var text = new StringBuilder();
        var used = new List<string>();
        var problems = new List<string>();
        var lines = markdown.Split('\n');
        string? marker = null;

        for (var i = 0; i < lines.Length; i++)
        {
            text.Append(lines[i]).Append(i < lines.Length - 1 ? "\n" : "");
            if (!Fence().IsMatch(lines[i]))
            {
                marker = Marker().Match(lines[i]) is { Success: true } match ? match.Groups["name"].Value : null;
                continue;
            }

            var end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
            if (end < 0)
            {
                problems.Add($"line {i + 1}: the fence does not end");
                end = lines.Length - 1;
            }

            var isCSharp = CSharpFence().IsMatch(lines[i]);
            if (isCSharp && marker is not null && snippets.TryGetValue(marker, out var snippet))
            {
                used.Add(marker);
                text.Append(snippet);
            }
            else
            {
                if (isCSharp)
                    problems.Add(marker is null ? $"line {i + 1}: no '<!-- snippet: name -->' above the fence" : $"line {i + 1}: no region '{marker}'");
                foreach (var line in lines[(i + 1)..end])
                    text.Append(line).Append('\n');
            }

            text.Append(lines[end]).Append(end < lines.Length - 1 ? "\n" : "");
            i = end;
            marker = null;
        }

        return new(text.ToString(), used, problems);
    }

    [GeneratedRegex(@"^\s*```")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*```\s*(csharp|cs|c#)\b", RegexOptions.IgnoreCase)]
    private static partial Regex CSharpFence();

    [GeneratedRegex(@"^<!-- snippet: (?<name>\S+) -->$")]
    private static partial Regex Marker();
}
