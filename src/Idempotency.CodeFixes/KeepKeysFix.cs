using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Baseline;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Gives a method that was renamed or moved the identity that it had before, and with it the keys.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(KeepKeysFix), DocumentKinds = [nameof(TextDocumentKind.AdditionalDocument)]), Shared]
public sealed class KeepKeysFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [BaselineRules.OperationLost.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // whether it is the same operation is for a person to say

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var project = context.TextDocument.Project;
        foreach (var diagnostic in context.Diagnostics)
        {
            if (diagnostic.AdditionalLocations is { Count: 1 } locations
                && locations[0] is { SourceTree: { } tree } location
                && project.GetDocument(tree) is { } document
                && await PlaceAsync(document, location, context.CancellationToken).ConfigureAwait(false) is { Method: { } method, Attribute: { } attribute }
                && diagnostic.Properties.TryGetValue(BaselineChange.Old, out var line)
                && BaselineEntry.Parse(line!) is { } entry)
            {
                var name = SymbolDisplay.FormatLiteral(entry.Identity, quote: true);
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Keep the keys: Name = {name} on '{method.Method.Name}'", cancellation => ApplyAsync(document, attribute, name, cancellation), nameof(KeepKeysFix)),
                    diagnostic);
            }
        }
    }

    private static async Task<Place> PlaceAsync(Document document, Location location, CancellationToken cancellation)
    {
        var root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        return new Place(root!, location.SourceSpan, model!, cancellation);
    }

    private static async Task<Document> ApplyAsync(Document document, AttributeSyntax attribute, string name, CancellationToken cancellation)
    {
        var root = (await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false))!;
        return document.WithSyntaxRoot(root.ReplaceNode(attribute, AttributeArgument.Set(attribute, "Name", name)));
    }
}
