namespace Idempotency.Docs.Tests;

/// <summary>Finds the named regions of C# files.</summary>
internal static class SnippetRegions
{
    /// <summary>The regions of a file by name, without the indentation that all their lines share.</summary>
    public static IEnumerable<KeyValuePair<string, string>> In(string source)
    {
        string? name = null;
        var lines = new List<string>();
        foreach (var line in source.Split('\n'))
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith("#region ", StringComparison.Ordinal))
            {
                name = trimmed["#region ".Length..].Trim();
                lines.Clear();
            }
            else if (trimmed == "#endregion" && name is not null)
            {
                yield return new(name, Dedent(lines));
                name = null;
            }
            else if (name is not null)
            {
                lines.Add(line.TrimEnd());
            }
        }
    }

    private static string Dedent(List<string> lines)
    {
        var indent = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart(' ').Length).DefaultIfEmpty().Min();
        return string.Concat(lines.Select(line => (line.Length > 0 ? line[indent..] : line) + '\n')).Trim('\n') + '\n';
    }
}
