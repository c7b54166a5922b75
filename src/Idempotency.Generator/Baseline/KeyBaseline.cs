using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.Generator.Baseline;

/// <summary>
/// The key schemas that a project is known to have, one on each line of a text file that its authors commit. Empty lines and lines
/// that start with <c>#</c> say nothing.
/// </summary>
internal sealed class KeyBaseline
{
    private readonly List<(BaselineEntry Entry, TextLine Line)> _entries = [];
    private readonly List<TextLine> _unreadable = [];
    private readonly HashSet<string> _lines = new(StringComparer.Ordinal);

    private KeyBaseline(string path) => Path = path;

    public string Path { get; }

    /// <summary>Lines that are no schema.</summary>
    public IReadOnlyList<TextLine> Unreadable => _unreadable;

    public IEnumerable<BaselineEntry> Entries => _entries.Select(static found => found.Entry);

    public static KeyBaseline Read(string path, SourceText text)
    {
        var baseline = new KeyBaseline(path);
        foreach (var line in text.Lines)
        {
            var content = line.ToString().TrimEnd();
            if (content.Length == 0 || content[0] == '#')
            {
                continue;
            }

            if (BaselineEntry.Parse(content) is not { } entry)
            {
                baseline._unreadable.Add(line);
            }
            else if (baseline._lines.Add(content))
            {
                baseline._entries.Add((entry, line));
            }
        }

        return baseline;
    }

    public bool Has(string schema) => _lines.Contains(schema);

    /// <summary>The entries of operations that have none of these names.</summary>
    public IEnumerable<(BaselineEntry Entry, Location Location)> Without(ISet<string> names) => _entries
        .Where(found => !found.Entry.PossibleNames.Any(names.Contains))
        .Select(found => (found.Entry, LocationOf(found.Line)));

    public Location LocationOf(TextLine line) => Location.Create(
        Path, line.Span, new LinePositionSpan(new LinePosition(line.LineNumber, 0), new LinePosition(line.LineNumber, line.Span.Length)));
}
