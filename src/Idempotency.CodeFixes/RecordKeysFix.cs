using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Baseline;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes;

/// <summary>Brings the key baseline up to date with the code.</summary>
[ExportCodeFixProvider(
    LanguageNames.CSharp, Name = nameof(RecordKeysFix), DocumentKinds = [nameof(TextDocumentKind.Document), nameof(TextDocumentKind.AdditionalDocument)]), Shared]
public sealed class RecordKeysFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [BaselineRules.SchemaChanged.Id, BaselineRules.OperationLost.Id, BaselineRules.NotInBaseline.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => new Everywhere();

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (var diagnostic in context.Diagnostics)
        {
            if (BaselineText.In(context.TextDocument.Project, diagnostic) is { } baseline)
            {
                var title = (diagnostic.Properties.ContainsKey(BaselineChange.New), diagnostic.Properties.ContainsKey(BaselineChange.Old)) switch
                {
                    (true, true) => $"Replace the key schema in '{baseline.Name}'",
                    (true, false) => $"Add the key schema to '{baseline.Name}'",
                    _ => $"Remove the key schema from '{baseline.Name}'",
                };
                context.RegisterCodeFix(
                    CodeAction.Create(title, cancellation => ApplyAsync(baseline.Project, [diagnostic], cancellation), nameof(RecordKeysFix)), diagnostic);
            }
        }

        return Task.CompletedTask;
    }

    private static async Task<Solution> ApplyAsync(Project project, IEnumerable<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        var solution = project.Solution;
        foreach (var diagnostic in diagnostics.OrderBy(New, StringComparer.Ordinal))
        {
            if (BaselineText.In(solution.GetProject(project.Id)!, diagnostic) is { } baseline)
            {
                var text = await baseline.GetTextAsync(cancellation).ConfigureAwait(false);
                diagnostic.Properties.TryGetValue(BaselineChange.Old, out var old);
                solution = solution.WithAdditionalDocumentText(baseline.Id, BaselineText.Change(text, old, New(diagnostic)));
            }
        }

        return solution;
    }

    private static string? New(Diagnostic diagnostic) => diagnostic.Properties.TryGetValue(BaselineChange.New, out var line) ? line : null;

    // The diagnostics of many documents change one file, which the usual providers cannot do.
    private sealed class Everywhere : FixAllProvider
    {
        // What changed or went is for a person to look at: no formatter run from a script may agree to it.
        public override IEnumerable<string> GetSupportedFixAllDiagnosticIds(CodeFixProvider originalCodeFixProvider) => [BaselineRules.NotInBaseline.Id];

        public override async Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext)
        {
            var solution = fixAllContext.Solution;
            foreach (var project in fixAllContext.Scope == FixAllScope.Solution ? fixAllContext.Solution.Projects : [fixAllContext.Project])
            {
                var found = fixAllContext.Scope == FixAllScope.Document && fixAllContext.Document is { } document
                    ? await fixAllContext.GetDocumentDiagnosticsAsync(document).ConfigureAwait(false)
                    : await fixAllContext.GetAllDiagnosticsAsync(project).ConfigureAwait(false);
                solution = await ApplyAsync(solution.GetProject(project.Id)!, found, fixAllContext.CancellationToken).ConfigureAwait(false);
            }

            return CodeAction.Create("Bring the key baseline up to date", _ => Task.FromResult(solution), nameof(RecordKeysFix));
        }
    }
}
