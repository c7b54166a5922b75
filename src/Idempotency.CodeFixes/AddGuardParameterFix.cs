using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>Lets the primary constructor of a type take the guard.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddGuardParameterFix)), Shared]
public sealed class AddGuardParameterFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.NoGuard.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // what a constructor takes concerns all who call it: one type at a time

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var editor = await DocumentEditor.CreateAsync(context.Document, context.CancellationToken).ConfigureAwait(false);
        var place = new Place(editor.OriginalRoot, context.Span, editor.SemanticModel, context.CancellationToken);
        if (GuardlessType.Around(place) is not { } type || type.HasConstructors && !type.HasPrimaryConstructor)
        {
            return; // beside another constructor a primary one would have to be called by it
        }

        var name = type.ParameterName();
        var title = $"Take the guard as primary-constructor parameter '{name}' of '{type.Symbol.Name}'";
        context.RegisterCodeFix(
            CodeAction.Create(title, cancellation => ApplyAsync(context.Document.Project.Solution, type, name, cancellation), title), context.Diagnostics);
    }

    private static async Task<Solution> ApplyAsync(Solution solution, GuardlessType type, string name, CancellationToken cancellation)
    {
        var editor = new SolutionEditor(solution);
        if (type.HasConstructors)
        {
            await type.AddParameterAsync(name, editor, cancellation).ConfigureAwait(false);
        }
        else
        {
            var document = await editor.GetDocumentEditorAsync(solution.GetDocumentId(type.Declaration.SyntaxTree), cancellation).ConfigureAwait(false);
            document.ReplaceNode(type.Declaration, (current, _) => WithPrimaryConstructor((TypeDeclarationSyntax)current, name));
        }

        return editor.GetChangedSolution();
    }

    private static TypeDeclarationSyntax WithPrimaryConstructor(TypeDeclarationSyntax type, string name)
    {
        var last = type.TypeParameterList?.GreaterThanToken ?? type.Identifier;
        var list = SyntaxFactory.ParameterList(
            SyntaxFactory.Token(default, SyntaxKind.OpenParenToken, default),
            [GuardlessType.Parameter(name)],
            SyntaxFactory.Token(default, SyntaxKind.CloseParenToken, last.TrailingTrivia));
        return type.ReplaceToken(last, last.WithTrailingTrivia()).WithParameterList(list);
    }
}
