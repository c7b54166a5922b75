using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>Makes an implementing part that was written by hand the body method that was meant.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RenameImplementationFix)), Shared]
public sealed class RenameImplementationFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.NotADeclaration.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => Everywhere(); // callers see the same method, and its code stays what it was

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place is { Declaration: { } declaration, Method: { Method: { IsPartialDefinition: true, PartialImplementationPart: { } part } } context }
            && part.DeclaringSyntaxReferences[0].GetSyntax() is MethodDeclarationSyntax written
            && written.SyntaxTree == declaration.SyntaxTree
            && written.ParameterList.Parameters.All(static parameter => parameter.AttributeLists.Count == 0)
            && BodyDeclaration.FreeName(context) is { } name)
        {
            yield return new Edit($"Make the implementing part of '{context.Method.Name}' its body '{name}'", editor =>
            {
                MoveAttributes(written, declaration, editor);
                var body = BodyDeclaration.From(written, part, name);
                editor.ReplaceNode(written, body.WithLeadingTrivia(written.GetLeadingTrivia()));
            });
        }
    }

    // The attributes of both parts were the method's, and a body has none of them.
    private static void MoveAttributes(MethodDeclarationSyntax from, MethodDeclarationSyntax to, SyntaxEditor editor)
    {
        if (from.AttributeLists.Count == 0)
        {
            return;
        }

        var (indentation, endOfLine) = (Layout.IndentationOf(to), Layout.EndOfLineOf(to));
        var before = to.GetLeadingTrivia();
        var moved = from.AttributeLists.Select(list => list.WithLeadingTrivia(indentation).WithTrailingTrivia(endOfLine));
        editor.ReplaceNode(to, (current, _) =>
        {
            var method = (MethodDeclarationSyntax)current;
            return method.AttributeLists.Count == 0
                ? method.WithLeadingTrivia(indentation).WithAttributeLists([.. moved]).WithLeadingTrivia(before)
                : method.WithAttributeLists(method.AttributeLists.AddRange(moved));
        });
    }
}
