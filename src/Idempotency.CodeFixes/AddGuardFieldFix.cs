using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;

namespace Idempotency.CodeFixes;

/// <summary>Keeps the guard in a field that every constructor sets.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddGuardFieldFix)), Shared]
public sealed class AddGuardFieldFix : CodeFixProvider
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
        if (GuardlessType.Around(place) is not { HasPrimaryConstructor: false } type)
        {
            return;
        }

        var title = $"Keep the guard in a field of '{type.Symbol.Name}', set by {(type.HasConstructors ? "its constructors" : "a new constructor")}";
        context.RegisterCodeFix(
            CodeAction.Create(title, cancellation => ApplyAsync(context.Document.Project.Solution, type, cancellation), title), context.Diagnostics);
    }

    private static async Task<Solution> ApplyAsync(Solution solution, GuardlessType type, CancellationToken cancellation)
    {
        var editor = new SolutionEditor(solution);
        var (parameter, field) = (type.ParameterName(), type.FieldName());
        var document = await editor.GetDocumentEditorAsync(solution.GetDocumentId(type.Declaration.SyntaxTree), cancellation).ConfigureAwait(false);
        var endOfLine = Layout.EndOfLineOf(type.Declaration);
        var indentation = Layout.Indented(Layout.IndentationOf(type.Declaration));
        var members = type.Declaration.Members;
        Insert($"private readonly {GuardlessType.GuardType} {field};", members[0], isApart: members[0] is not FieldDeclarationSyntax);
        if (!type.HasConstructors)
        {
            var access = type.Symbol.IsAbstract ? "protected" : "public";
            Insert(
                $"{access} {type.Declaration.Identifier.Text}({GuardlessType.GuardType} {parameter}) => {field} = {parameter};",
                members.First(static member => member is not FieldDeclarationSyntax),
                isApart: true);
        }

        await type.AddParameterAsync(parameter, editor, cancellation).ConfigureAwait(false);
        foreach (var constructor in type.Bodies())
        {
            var place = await editor.GetDocumentEditorAsync(solution.GetDocumentId(constructor.SyntaxTree), cancellation).ConfigureAwait(false);
            var (outer, end) = (Layout.IndentationOf(constructor), Layout.EndOfLineOf(constructor));
            place.ReplaceNode(constructor, (current, _) => FirstStatement.Insert((ConstructorDeclarationSyntax)current, $"{field} = {parameter};", outer, end));
        }

        return editor.GetChangedSolution();

        void Insert(string text, SyntaxNode before, bool isApart)
        {
            var member = SyntaxFactory.ParseMemberDeclaration(text)!;
            var guard = member.DescendantNodes().OfType<QualifiedNameSyntax>().First();
            member = member.ReplaceNode(guard, guard.WithAdditionalAnnotations(Simplifier.Annotation));
            document.InsertBefore(before, member.WithLeadingTrivia(indentation).WithTrailingTrivia(isApart ? new[] { endOfLine, endOfLine } : [endOfLine]));
        }
    }
}
