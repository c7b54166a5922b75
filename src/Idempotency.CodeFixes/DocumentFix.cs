using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>A fix that changes nothing but the document the diagnostic is in.</summary>
public abstract class DocumentFix : CodeFixProvider
{
    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var editor = await DocumentEditor.CreateAsync(context.Document, context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            foreach (var edit in EditsFor(PlaceOf(diagnostic, editor, context.CancellationToken)))
            {
                var action = CodeAction.Create(
                    edit.Title,
                    cancellation => ApplyAsync(context.Document, [diagnostic], edit.Title, cancellation),
                    equivalenceKey: GetFixAllProvider() is null ? edit.Title : GetType().Name);
                context.RegisterCodeFix(action, diagnostic);
            }
        }
    }

    /// <summary>What can be done about a diagnostic: nothing, one thing, or a choice.</summary>
    private protected abstract IEnumerable<Edit> EditsFor(Place place);

    /// <summary>Does in every document what is done for one diagnostic. For fixes that offer one edit at most.</summary>
    private protected FixAllProvider Everywhere() => FixAllProvider.Create(
        async (all, document, found) => await ApplyAsync(document, found, title: null, all.CancellationToken).ConfigureAwait(false));

    private async Task<Document> ApplyAsync(Document document, ImmutableArray<Diagnostic> diagnostics, string? title, CancellationToken cancellation)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellation).ConfigureAwait(false);
        foreach (var diagnostic in diagnostics)
        {
            EditsFor(PlaceOf(diagnostic, editor, cancellation)).FirstOrDefault(edit => title is null || edit.Title == title)?.Apply(editor);
        }

        return editor.GetChangedDocument();
    }

    private static Place PlaceOf(Diagnostic diagnostic, DocumentEditor editor, CancellationToken cancellation) =>
        new(editor.OriginalRoot, diagnostic.Location.SourceSpan, editor.SemanticModel, cancellation);
}
