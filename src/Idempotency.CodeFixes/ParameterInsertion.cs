using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Idempotency.CodeFixes;

/// <summary>Adds a parameter where it disturbs least, laid out as its neighbours are.</summary>
internal static class ParameterInsertion
{
    public static ParameterSyntax Parameter(string type, string name) => SyntaxFactory.Parameter(
        default,
        default,
        SyntaxFactory.ParseTypeName(type).WithTrailingTrivia(SyntaxFactory.Space).WithAdditionalAnnotations(Simplifier.Annotation),
        SyntaxFactory.Identifier(default, name, default),
        null);

    /// <summary>After the parameters that have to be given, before those that may be left out.</summary>
    public static ParameterListSyntax BeforeOptional(ParameterListSyntax list, ParameterSyntax parameter)
    {
        var index = list.Parameters.IndexOf(static other => other.Default is not null || other.Modifiers.Any(SyntaxKind.ParamsKeyword));
        return At(index < 0 ? list.Parameters.Count : index, list, parameter);
    }

    public static ParameterListSyntax AtEnd(ParameterListSyntax list, ParameterSyntax parameter) => At(list.Parameters.Count, list, parameter);

    private static ParameterListSyntax At(int index, ParameterListSyntax list, ParameterSyntax parameter)
    {
        var count = list.Parameters.Count;
        if (count == 0)
        {
            return list.WithParameters([parameter]);
        }

        var parts = list.Parameters.GetWithSeparators().ToList();
        var after = count > 1 ? LayoutOf(list.Parameters.GetSeparator(count - 2).TrailingTrivia) : [SyntaxFactory.Space];
        var comma = SyntaxFactory.Token(default, SyntaxKind.CommaToken, after);
        if (index < count)
        {
            parts.InsertRange(index * 2, [parameter.WithLeadingTrivia(LayoutOf(list.Parameters[index].GetLeadingTrivia())), comma]);
        }
        else
        {
            var last = list.Parameters[count - 1];
            var before = count > 1 ? LayoutOf(last.GetLeadingTrivia()) : default;
            parts[parts.Count - 1] = last.WithTrailingTrivia();
            parts.AddRange([comma, parameter.WithLeadingTrivia(before).WithTrailingTrivia(last.GetTrailingTrivia())]);
        }

        return list.WithParameters(SyntaxFactory.SeparatedList<ParameterSyntax>(parts));
    }

    // Comments stay with their own parameter.
    private static SyntaxTriviaList LayoutOf(SyntaxTriviaList trivia) =>
        trivia.Count > 0 && trivia[trivia.Count - 1].Kind() is SyntaxKind.WhitespaceTrivia or SyntaxKind.EndOfLineTrivia ? [trivia[trivia.Count - 1]] : default;
}
