using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Gives an operation whose name is taken one of its own.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(QualifyNameFix)), Shared]
public sealed class QualifyNameFix : DocumentFix
{
    private const string Async = "Async";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [AdviceRules.SharedIdentity.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // a name is for good, and for a person to choose

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        // The value of a constant is not to be changed for the sake of one of its users.
        if (place.Node is not LiteralExpressionSyntax { Token.Value: string name } literal
            || literal.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } declaration
            || place.Model.GetDeclaredSymbol(declaration) is not { ContainingType: { } type } method)
        {
            return [];
        }

        var taken = new HashSet<string>(NamesIn(place.Model.Compilation.Assembly.GlobalNamespace), StringComparer.Ordinal);
        return new[] { AfterMethod(name, method.Name), $"{Cased(type.Name, name)}.{name}", $"{type.InIdentity()}.{name}" }
            .Where(candidate => !taken.Contains(candidate)).Distinct(StringComparer.Ordinal).Take(2)
            .Select(candidate => new Edit($"Name it \"{candidate}\"", editor =>
                editor.ReplaceNode(literal, SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(candidate)).WithTriviaFrom(literal))));
    }

    // "billing.charge" on RefundAsync was probably copied, and should have become "billing.refund".
    private static string AfterMethod(string name, string method)
    {
        var stem = method.EndsWith(Async, StringComparison.Ordinal) && method.Length > Async.Length ? method.Substring(0, method.Length - Async.Length) : method;
        return name.Substring(0, name.LastIndexOf('.') + 1) + Cased(stem, name);
    }

    private static string Cased(string word, string like) => char.IsLower(like.FirstOrDefault(char.IsLetter)) ? char.ToLowerInvariant(word[0]) + word.Substring(1) : word;

    private static IEnumerable<string> NamesIn(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(static member => member switch
    {
        INamespaceOrTypeSymbol inner => NamesIn(inner),
        IMethodSymbol method when method.FindAttribute(KnownTypes.Attribute) is { } attribute && new Arguments(attribute).Text("Name") is { } name => [name],
        _ => Enumerable.Empty<string>(),
    });
}
