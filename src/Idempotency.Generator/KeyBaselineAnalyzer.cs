using System.Collections.Concurrent;
using System.Collections.Immutable;
using Idempotency.Generator.Baseline;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator;

/// <summary>
/// Compares the key schemas of a project with those it committed to, in the text file that <c>IdempotencyKeyBaseline</c> names: keys that
/// change unnoticed let every retry run again.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KeyBaselineAnalyzer : DiagnosticAnalyzer
{
    private const string Property = "build_property.IdempotencyKeyBaseline";
    private const string Mark = "build_metadata.AdditionalFiles.IdempotencyKeyBaseline";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => BaselineRules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            var options = start.Options.AnalyzerConfigOptionsProvider;
            if (start.Compilation.GetTypeByMetadataName(KnownTypes.AttributeFullName) is null
                || !options.GlobalOptions.TryGetValue(Property, out var path)
                || string.IsNullOrWhiteSpace(path))
            {
                return;
            }

            // The build marks the file that the property names: only it knows where relative paths start.
            var file = start.Options.AdditionalFiles.FirstOrDefault(file => options.GetOptions(file).TryGetValue(Mark, out var mark) && mark.Length > 0);
            if (file?.GetText(start.CancellationToken) is not { } text)
            {
                start.RegisterCompilationEndAction(end => end.ReportDiagnostic(Diagnostic.Create(
                    BaselineRules.BaselineUnreadable, Location.None, path, "does not exist; create it, empty, and build again to see what belongs into it")));
                return;
            }

            var baseline = KeyBaseline.Read(file.Path, text);
            var known = new KnownOperations();
            start.RegisterSymbolAction(type => Compare(type, baseline, known), SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end => ReportRest(baseline, known, end));
        });
    }

    private static void Compare(SymbolAnalysisContext context, KeyBaseline baseline, KnownOperations known)
    {
        var unmatched = new List<KnownOperation>();
        var matched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in ((INamedTypeSymbol)context.Symbol).GetMembers().OfType<IMethodSymbol>())
        {
            if (method.PartialDefinitionPart is not null || method.FindAttribute(KnownTypes.Attribute) is null)
            {
                continue;
            }

            if (MethodParser.Parse(method, context.Compilation, new Faults(), context.CancellationToken) is not GuardedMethod { Operation: var operation }
                || BaselineEntry.Parse(SchemaLine.Of(operation.Schema)) is not { } entry)
            {
                known.AreIncomplete = true;
                continue;
            }

            var found = new KnownOperation(method, SchemaLine.Of(operation.Name), entry);
            known.Add(found);
            if (baseline.Has(entry.Line))
            {
                matched.Add(entry.Line);
            }
            else
            {
                unmatched.Add(found);
            }
        }

        foreach (var (method, name, entry) in unmatched)
        {
            // Overloads without a Name share one. What none of them has is what one of them had.
            var old = baseline.Entries.Where(candidate => candidate.PossibleNames.Contains(name) && !matched.Contains(candidate.Line))
                .OrderByDescending(static candidate => candidate.Version).FirstOrDefault();
            if (old is not null)
            {
                matched.Add(old.Line);
            }

            context.ReportDiagnostic(Finding(baseline, method, entry, old));
        }
    }

    private static Diagnostic Finding(KeyBaseline baseline, IMethodSymbol method, BaselineEntry now, BaselineEntry? old) =>
        old is not null && old.Version >= now.Version
            ? Diagnostic.Create(
                BaselineRules.SchemaChanged, method.Locations.FirstOrDefault(), BaselineChange.Of(baseline, old.Line, now.Line, old.Version + 1),
                method.Name, old.Line, now.Line, old.Version + 1)
            : Diagnostic.Create(
                BaselineRules.NotInBaseline, method.Locations.FirstOrDefault(), BaselineChange.Of(baseline, old?.Line, now.Line),
                method.Name, old is null ? "" : $" in version {now.Version}", now.Line);

    private static void ReportRest(KeyBaseline baseline, KnownOperations known, CompilationAnalysisContext end)
    {
        foreach (var line in baseline.Unreadable)
        {
            end.ReportDiagnostic(Diagnostic.Create(
                BaselineRules.BaselineUnreadable, baseline.LocationOf(line), baseline.Path,
                $"has a line that is no key schema: '{line}'; write 'name v1: key', or # in front of a comment"));
        }

        if (known.AreIncomplete)
        {
            return; // an error says so already, and the method it is about may be any of those that are missing
        }

        foreach (var (entry, location) in baseline.Without(known.Names))
        {
            var heir = known.HeirOf(entry, baseline);
            end.ReportDiagnostic(Diagnostic.Create(
                BaselineRules.OperationLost,
                location,
                heir is null ? [] : heir.Method.Locations.Take(1),
                BaselineChange.Of(baseline, entry.Line, null),
                entry.Line,
                heir is null ? "" : $", though those of '{heir.Entry.Identity}' look like them",
                entry.Identity));
        }
    }

    private sealed record KnownOperation(IMethodSymbol Method, string Name, BaselineEntry Entry);

    /// <summary>The operations of the compilation, as far as they have been seen.</summary>
    private sealed class KnownOperations
    {
        private readonly ConcurrentBag<KnownOperation> _found = [];

        /// <summary>Whether there are some that cannot be read.</summary>
        public bool AreIncomplete { get; set; }

        public ISet<string> Names => new HashSet<string>(_found.Select(static found => found.Name), StringComparer.Ordinal);

        public void Add(KnownOperation operation) => _found.Add(operation);

        /// <summary>One that the baseline does not know, and whose keys are made in the same way.</summary>
        public KnownOperation? HeirOf(BaselineEntry lost, KeyBaseline baseline) => _found
            .Where(found => found.Entry.Version == lost.Version && found.Entry.Key == lost.Key && !baseline.Has(found.Entry.Line))
            .OrderBy(found => found.Method.Name == lost.MethodName ? 0 : 1).ThenBy(static found => found.Entry.Line, StringComparer.Ordinal).FirstOrDefault();
    }
}
