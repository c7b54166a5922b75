using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Baseline;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Starts a new key space on purpose: a new version in the attribute, and in the key baseline.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RaiseVersionFix)), Shared]
public sealed class RaiseVersionFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [BaselineRules.SchemaChanged.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // whether old calls may be forgotten is a question for each operation

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (diagnostic.Properties.TryGetValue(BaselineChange.Version, out var version) && version is not null
                && BaselineText.In(context.Document.Project, diagnostic) is { } baseline
                && new Place(root!, diagnostic.Location.SourceSpan, model!, context.CancellationToken).Attribute is { } attribute)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Start anew with Version = {version}",
                        cancellation => ApplyAsync(context.Document, attribute, baseline, diagnostic, version, cancellation),
                        nameof(RaiseVersionFix)),
                    diagnostic);
            }
        }
    }

    private static async Task<Solution> ApplyAsync(
        Document document, AttributeSyntax attribute, TextDocument baseline, Diagnostic diagnostic, string version, CancellationToken cancellation)
    {
        var root = (await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false))!;
        var text = await baseline.GetTextAsync(cancellation).ConfigureAwait(false);
        var entry = BaselineEntry.Parse(diagnostic.Properties[BaselineChange.New]!)!;
        return document.Project.Solution
            .WithDocumentSyntaxRoot(document.Id, root.ReplaceNode(attribute, AttributeArgument.Set(attribute, "Version", version)))
            .WithAdditionalDocumentText(baseline.Id, BaselineText.Change(text, diagnostic.Properties[BaselineChange.Old], entry.InVersion(version)));
    }
}
