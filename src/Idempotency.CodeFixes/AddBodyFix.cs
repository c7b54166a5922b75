using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Idempotency.CodeFixes;

/// <summary>Writes the body method that is missing, for the user to fill in.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddBodyFix)), Shared]
public sealed class AddBodyFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.BodyMissing.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // a build full of methods that throw when called is worse than one that fails

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place is { Declaration: { } method, Method: { } context } && BodyDeclaration.FreeName(context) is { } name)
        {
            yield return new Edit($"Add body method '{name}'", editor => editor.InsertAfter(method, Body(method, context, name)));
        }
    }

    private static MethodDeclarationSyntax Body(MethodDeclarationSyntax method, MethodContext context, string name)
    {
        var endOfLine = Layout.EndOfLineOf(method);
        var body = BodyDeclaration.From(method, context.Method, name)
            .WithSemicolonToken(default)
            .WithParameterList(WithoutServices(BodyDeclaration.From(method, context.Method, name).ParameterList, context.Method));
        var last = body.GetLastToken();
        body = body.ReplaceToken(last, last.WithTrailingTrivia(endOfLine));
        if (context.Method.ReturnType.IsTaskLike())
        {
            body = body.AddModifiers(PartialKeyword.Word(SyntaxKind.AsyncKeyword));
        }

        var startsOnItsLine = method.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia);
        return body
            .WithLeadingTrivia(startsOnItsLine ? body.GetLeadingTrivia() : body.GetLeadingTrivia().Insert(0, endOfLine))
            .WithBody(Stub(Layout.IndentationOf(method), endOfLine));
    }

    // As the rule says it: the body has a context only where its author wants one, and a guard of its own.
    private static ParameterListSyntax WithoutServices(ParameterListSyntax list, IMethodSymbol method)
    {
        var parameters = list.Parameters;
        for (var i = parameters.Count - 1; i >= 0; i--)
        {
            if (method.Parameters[i].Type.IsGuard() || method.Parameters[i].Type.IsContext())
            {
                parameters = parameters.RemoveAt(i);
            }
        }

        return list.WithParameters(parameters);
    }

    private static BlockSyntax Stub(SyntaxTriviaList indentation, SyntaxTrivia endOfLine)
    {
        var exception = SyntaxFactory.ParseTypeName("global::System.NotImplementedException").WithAdditionalAnnotations(Simplifier.Annotation);
        var statement = ((ThrowStatementSyntax)SyntaxFactory.ParseStatement("throw new X();"))
            .WithLeadingTrivia(Layout.Indented(indentation)).WithTrailingTrivia(endOfLine);
        statement = statement.ReplaceNode(((ObjectCreationExpressionSyntax)statement.Expression!).Type, exception);
        return SyntaxFactory.Block(
            SyntaxFactory.Token(indentation, SyntaxKind.OpenBraceToken, [endOfLine]),
            [statement],
            SyntaxFactory.Token(indentation, SyntaxKind.CloseBraceToken, [endOfLine]));
    }
}
