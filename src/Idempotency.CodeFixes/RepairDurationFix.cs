using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Replaces a duration that is not valid by the one that was probably meant.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RepairDurationFix)), Shared]
public sealed class RepairDurationFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.BadDuration.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // what was meant is a guess, and somebody has to agree with it

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        // The value of a constant is not to be changed for the sake of one of its users.
        if (place.Node is not LiteralExpressionSyntax literal || !literal.IsKind(SyntaxKind.StringLiteralExpression))
        {
            return [];
        }

        var argument = literal.FirstAncestorOrSelf<AttributeArgumentSyntax>()?.NameEquals?.Name.Identifier.ValueText ?? "";
        return NearestDuration.For(argument, literal.Token.ValueText).Select(guess => new Edit($"Write \"{guess}\"", editor =>
            editor.ReplaceNode(literal, SyntaxFactory.LiteralExpression(
                SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(literal.Token.LeadingTrivia, $"\"{guess}\"", guess, literal.Token.TrailingTrivia)))));
    }
}
