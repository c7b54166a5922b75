using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.CodeFixes;

/// <summary>How the user's file is laid out, so that what is added looks the same.</summary>
internal static class Layout
{
    public static SyntaxTrivia EndOfLineOf(SyntaxNode node)
    {
        var found = node.SyntaxTree.GetRoot().DescendantTrivia().FirstOrDefault(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        return found == default ? SyntaxFactory.LineFeed : found;
    }

    /// <summary>The white space at the start of the line on which the node starts.</summary>
    public static SyntaxTriviaList IndentationOf(SyntaxNode node)
    {
        var text = node.SyntaxTree.GetText();
        var line = text.Lines.GetLineFromPosition(node.SpanStart).ToString();
        return SyntaxFactory.TriviaList(SyntaxFactory.Whitespace(line.Substring(0, line.Length - line.TrimStart().Length)));
    }

    /// <summary>One level deeper.</summary>
    public static SyntaxTriviaList Indented(SyntaxTriviaList indentation) =>
        indentation.Add(SyntaxFactory.Whitespace(indentation.ToFullString().Contains('\t') ? "\t" : "    "));
}
