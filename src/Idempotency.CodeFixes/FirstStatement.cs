using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Adds a statement at the start of a constructor, before anything there can need it.</summary>
internal static class FirstStatement
{
    public static ConstructorDeclarationSyntax Insert(ConstructorDeclarationSyntax constructor, string text, SyntaxTriviaList indentation, SyntaxTrivia endOfLine)
    {
        var statement = SyntaxFactory.ParseStatement(text);
        if (constructor.Body is { } block)
        {
            return constructor.WithBody(Insert(block, statement, indentation));
        }

        return constructor.ExpressionBody is { Expression: not ThrowExpressionSyntax and var expression }
            ? WithBlock(constructor, [statement, SyntaxFactory.ExpressionStatement(expression.WithoutTrivia(), Bare(SyntaxKind.SemicolonToken))], indentation, endOfLine)
            : constructor;
    }

    private static BlockSyntax Insert(BlockSyntax block, StatementSyntax statement, SyntaxTriviaList indentation)
    {
        var open = block.OpenBraceToken;
        if (open.TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia))
        {
            var end = open.TrailingTrivia.First(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
            return block.WithStatements(block.Statements.Insert(0, statement.WithLeadingTrivia(Layout.Indented(indentation)).WithTrailingTrivia(end)));
        }

        return block
            .WithOpenBraceToken(open.WithTrailingTrivia(SyntaxFactory.Space))
            .WithStatements(block.Statements.Insert(0, statement.WithTrailingTrivia(SyntaxFactory.Space)));
    }

    private static ConstructorDeclarationSyntax WithBlock(
        ConstructorDeclarationSyntax constructor, StatementSyntax[] statements, SyntaxTriviaList indentation, SyntaxTrivia endOfLine)
    {
        var after = constructor.GetTrailingTrivia();
        var bare = constructor.WithExpressionBody(null).WithSemicolonToken(default);
        var last = bare.GetLastToken();
        return bare.ReplaceToken(last, last.WithTrailingTrivia(endOfLine)).WithBody(SyntaxFactory.Block(
            SyntaxFactory.Token(indentation, SyntaxKind.OpenBraceToken, [endOfLine]),
            [.. statements.Select(statement => statement.WithLeadingTrivia(Layout.Indented(indentation)).WithTrailingTrivia(endOfLine))],
            SyntaxFactory.Token(indentation, SyntaxKind.CloseBraceToken, after)));
    }

    private static SyntaxToken Bare(SyntaxKind kind) => SyntaxFactory.Token(default, kind, default);
}
