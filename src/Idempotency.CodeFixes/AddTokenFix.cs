using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Adds a cancellation token to a declaration and to its body.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddTokenFix)), Shared]
public sealed class AddTokenFix : DocumentFix
{
    private const string Type = "global::System.Threading.CancellationToken";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [AdviceRules.WaitWithoutToken.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => Everywhere(); // it may be left out, so that no call has to change

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place is not { Declaration: { } declaration, Method: { } method }
            || method.Method.Parameters.Any(static parameter => parameter.IsParams || parameter.Type.IsCancellationToken())
            || IsPrescribed(method.Method))
        {
            yield break;
        }

        var body = BodyOf(method, declaration);
        var taken = new HashSet<string>(
            new SyntaxNode?[] { declaration, body }.SelectMany(static node => node?.DescendantTokens() ?? [])
                .Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText));
        if (new List<string> { "cancellationToken", "cancellation", "token" }.Find(name => !taken.Contains(name)) is not { } free)
        {
            yield break;
        }

        yield return new Edit(
            $"Add '{free}' to '{method.Method.Name}'{(body is null ? "" : $" and '{body.Identifier.ValueText}'")}",
            editor =>
            {
                var optional = ParameterInsertion.Parameter(Type, free);
                optional = optional
                    .WithIdentifier(optional.Identifier.WithTrailingTrivia(SyntaxFactory.Space))
                    .WithDefault(SyntaxFactory.EqualsValueClause(
                        SyntaxFactory.Token(default, SyntaxKind.EqualsToken, [SyntaxFactory.Space]),
                        SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression, SyntaxFactory.Token(default, SyntaxKind.DefaultKeyword, default))));
                editor.ReplaceNode(declaration.ParameterList, (current, _) => ParameterInsertion.AtEnd((ParameterListSyntax)current, optional));
                if (body is not null)
                {
                    editor.ReplaceNode(body.ParameterList, (current, _) =>
                        ParameterInsertion.AtEnd((ParameterListSyntax)current, ParameterInsertion.Parameter(Type, free)));
                }
            });
    }

    // The body in the same part of the type that does not take a token yet: it may do without.
    private static MethodDeclarationSyntax? BodyOf(MethodContext method, MethodDeclarationSyntax declaration) => BodyParser.NamesFor(method)
        .SelectMany(name => method.Type.GetMembers(name)).OfType<IMethodSymbol>()
        .Where(candidate => BodySignature.Fits(method.Method, candidate)
            && !candidate.IsOverride && !candidate.IsVirtual && !candidate.IsAbstract
            && candidate.Parameters.All(static parameter => !parameter.IsOptional && !parameter.Type.IsCancellationToken()))
        .SelectMany(static candidate => candidate.DeclaringSyntaxReferences)
        .Where(reference => reference.SyntaxTree == declaration.SyntaxTree)
        .Select(static reference => reference.GetSyntax()).OfType<MethodDeclarationSyntax>().FirstOrDefault();

    // Another signature would no longer be the method that a base type or interface asks for.
    private static bool IsPrescribed(IMethodSymbol method) => method.IsOverride || method.ContainingType.AllInterfaces
        .SelectMany(static type => type.GetMembers().OfType<IMethodSymbol>())
        .Any(member => SymbolEqualityComparer.Default.Equals(method.ContainingType.FindImplementationForInterfaceMember(member), method));
}
