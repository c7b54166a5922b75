using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// The user's documentation of a method with its key schema added. Written on the implementing part it replaces what stands on the
/// declaring one, so that an editor shows both wherever the method is used.
/// </summary>
internal static class Documentation
{
    private const string EndOfRemarks = "</remarks>";

    // All that end a line of C#, and with it a comment.
    private static readonly char[] s_lineEnds = ['\n', '\r', '\u0085', '\u2028', '\u2029'];

    /// <summary>The lines of the comment; none where nobody reads them, or where the user's own is not well-formed, of which the compiler will speak.</summary>
    public static EquatableArray<string> Of(IMethodSymbol method, SyntaxNode declaration, string schema, CancellationToken cancellation)
    {
        if (declaration.SyntaxTree.Options.DocumentationMode == DocumentationMode.None || Written(method, declaration, cancellation) is not { } lines)
        {
            return default;
        }

        var note = $"Runs once per key of <c>{SchemaLine.Of(schema).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")}</c>";
        var end = lines.FindLastIndex(static line => line.Contains(EndOfRemarks));
        if (end < 0)
        {
            lines.Add($"<remarks>{note}</remarks>");
        }
        else
        {
            lines[end] = lines[end].Insert(lines[end].LastIndexOf(EndOfRemarks, StringComparison.Ordinal), $"<para>{note}</para>");
        }

        return lines.ToEquatableArray();
    }

    private static List<string>? Written(IMethodSymbol method, SyntaxNode declaration, CancellationToken cancellation)
    {
        var comments = declaration.GetLeadingTrivia()
            .Where(static trivia => trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia))
            .ToArray();
        if (comments.Length == 0)
        {
            return [];
        }

        if (comments.Any(static comment => comment.GetStructure()!.ContainsDiagnostics))
        {
            return null;
        }

        // References have to be resolved, as the generated file has none of the user's using directives. The compiler does that, at
        // many times the price of reading what is there.
        var text = string.Concat(comments.Select(static comment => comment.ToFullString()));
        return comments.Length > 1 || comments[0].IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia) || text.Contains("cref")
            ? Resolved(method, cancellation)
            : Aligned(text.Split(s_lineEnds).Select(static line => line.TrimStart()).Where(static line => line.Length > 0).Select(static line => line.Substring(3)));
    }

    private static List<string>? Resolved(IMethodSymbol method, CancellationToken cancellation)
    {
        var lines = (method.GetDocumentationCommentXml(expandIncludes: false, cancellationToken: cancellation) ?? "").Replace("\r\n", "\n").Split(s_lineEnds);
        return lines[0].StartsWith("<member", StringComparison.Ordinal)
            ? Aligned(lines.Skip(1).TakeWhile(static line => !line.StartsWith("</member>", StringComparison.Ordinal)))
            : null; // a comment that says what is wrong stands where the member would
    }

    // What all lines are indented by is not the user's; what goes beyond it belongs to code samples.
    private static List<string> Aligned(IEnumerable<string> text)
    {
        var lines = text.Select(static line => line.TrimEnd()).ToList();
        var indentation = lines.Where(static line => line.Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return lines.ConvertAll(line => line.Substring(Math.Min(indentation, line.Length)));
    }
}
