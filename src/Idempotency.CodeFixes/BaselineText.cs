using Idempotency.Generator.Baseline;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.CodeFixes;

/// <summary>The key baseline as its authors see it: their comments, order and line ends stay.</summary>
internal static class BaselineText
{
    /// <summary>The baseline that a diagnostic is about, where it is part of the project.</summary>
    public static TextDocument? In(Project project, Diagnostic diagnostic) => diagnostic.Properties.TryGetValue(BaselineChange.Path, out var path)
        ? project.AdditionalDocuments.FirstOrDefault(document => document.FilePath == path)
        : null;

    /// <summary>Makes the change that a diagnostic asks for; what is changed already is left alone.</summary>
    public static SourceText Change(SourceText text, string? old, string? @new)
    {
        var lines = text.Lines.ToArray();
        if (old is not null && Array.FindIndex(lines, line => Content(line) == old) is var index and >= 0)
        {
            return text.WithChanges(@new is null
                ? new TextChange(lines[index].SpanIncludingLineBreak, "")
                : new TextChange(lines[index].Span, @new));
        }

        return @new is null || Array.Exists(lines, line => Content(line) == @new) ? text : Insert(text, lines, @new);
    }

    // In front of the first line that comes after it, so that a sorted file stays sorted.
    private static SourceText Insert(SourceText text, TextLine[] lines, string entry)
    {
        var end = lines.Select(line => text.ToString(TextSpan.FromBounds(line.End, line.EndIncludingLineBreak))).FirstOrDefault(static found => found.Length > 0) ?? "\n";
        foreach (var line in lines)
        {
            if (BaselineEntry.Parse(Content(line)) is { } other && string.CompareOrdinal(other.Line, entry) > 0)
            {
                return text.WithChanges(new TextChange(new TextSpan(line.Start, 0), entry + end));
            }
        }

        var open = lines[lines.Length - 1].Span.Length > 0 ? end : ""; // the last line has no end
        return text.WithChanges(new TextChange(new TextSpan(text.Length, 0), open + entry + end));
    }

    private static string Content(TextLine line) => line.ToString().TrimEnd();
}
