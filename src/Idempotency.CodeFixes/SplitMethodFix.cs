using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Turns an ordinary annotated method into a partial declaration and a body method.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SplitMethodFix)), Shared]
public sealed class SplitMethodFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.NotADeclaration.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => Everywhere(); // callers see the same method, and its code stays what it was

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place.Declaration is not { } method
            || method.Body is null && method.ExpressionBody is null
            || IsAsyncVoid(method)
            || HasDirectives(method)
            || place.Method is not { Method.IsPartialDefinition: false, Method.PartialDefinitionPart: null } context
            || BodyDeclaration.FreeName(context) is not { } name)
        {
            yield break;
        }

        yield return new Edit($"Make '{context.Method.Name}' partial and move its body to '{name}'", editor =>
        {
            var endOfLine = Layout.EndOfLineOf(method);
            editor.InsertAfter(method, BodyDeclaration.From(method, context.Method, name));
            editor.ReplaceNode(method, (current, _) => Declaration((MethodDeclarationSyntax)current, method.Parent, endOfLine));
            PartialKeyword.AddToTypes(method.Parent, editor);
        });
    }

    private static MethodDeclarationSyntax Declaration(MethodDeclarationSyntax method, SyntaxNode? type, SyntaxTrivia endOfLine)
    {
        var bare = method.WithBody(null).WithExpressionBody(null).WithSemicolonToken(default);
        var last = bare.GetLastToken();
        var comments = last.TrailingTrivia.Where(static trivia => !trivia.IsKind(SyntaxKind.EndOfLineTrivia)).ToList();
        var hasComment = comments.Any(static trivia => !trivia.IsKind(SyntaxKind.WhitespaceTrivia));
        var partial = PartialKeyword.AddTo(bare.ReplaceToken(last, last.WithTrailingTrivia()), type);
        return PartialKeyword
            .WithModifiers(partial, [.. partial.Modifiers.Where(static modifier => !modifier.IsKind(SyntaxKind.AsyncKeyword))])
            .WithSemicolonToken(SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, [.. hasComment ? comments : [], endOfLine]));
    }

    // The guard would have to wait for an end that nobody can see.
    private static bool IsAsyncVoid(MethodDeclarationSyntax method) =>
        method.Modifiers.Any(SyntaxKind.AsyncKeyword) && method.ReturnType is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword };

    // Under #if there are two signatures, of which only one is seen here.
    private static bool HasDirectives(MethodDeclarationSyntax method) => method.DescendantTokens()
        .Skip(1).TakeWhile(token => token != (method.Body?.OpenBraceToken ?? method.ExpressionBody?.ArrowToken))
        .Any(static token => token.ContainsDirectives);
}
