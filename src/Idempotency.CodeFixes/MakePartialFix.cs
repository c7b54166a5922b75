using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Adds <c>partial</c> to a type and those around it, or to a method that is a declaration already.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakePartialFix)), Shared]
public sealed class MakePartialFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.TypeNotPartial.Id, Rules.NotADeclaration.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => Everywhere(); // the word changes nothing by itself

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        switch (place.Node)
        {
            case TypeDeclarationSyntax type:
                yield return new Edit($"Make '{type.Identifier.ValueText}' partial", editor => PartialKeyword.AddToTypes(type, editor));
                break;

            case MethodDeclarationSyntax { Body: null, ExpressionBody: null } method when CanBePartial(method):
                yield return new Edit($"Make '{method.Identifier.ValueText}' partial", editor =>
                {
                    editor.ReplaceNode(method, (current, _) => PartialKeyword.AddTo((MethodDeclarationSyntax)current, method.Parent));
                    PartialKeyword.AddToTypes(method.Parent, editor);
                });
                break;
        }
    }

    // An abstract method has no body by intent: its implementations are what can be guarded.
    private static bool CanBePartial(MethodDeclarationSyntax method) =>
        method.Parent is not InterfaceDeclarationSyntax
        && !method.Modifiers.Any(static modifier =>
            modifier.Kind() is SyntaxKind.AbstractKeyword or SyntaxKind.ExternKeyword or SyntaxKind.PartialKeyword);
}
