using System.Collections.Concurrent;
using System.Collections.Immutable;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator;

/// <summary>Finds operations that say they are the same. Only the whole compilation can tell.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedIdentityAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [AdviceRules.SharedIdentity];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(KnownTypes.AttributeFullName) is null)
            {
                return;
            }

            var named = new ConcurrentBag<NamedOperation>();
            start.RegisterSymbolAction(symbol => Collect((IMethodSymbol)symbol.Symbol, named), SymbolKind.Method);
            start.RegisterCompilationEndAction(end => Report(named, end));
        });
    }

    private static void Collect(IMethodSymbol method, ConcurrentBag<NamedOperation> named)
    {
        if (method.PartialDefinitionPart is null && method.FindAttribute(KnownTypes.Attribute) is { } attribute)
        {
            var arguments = new Arguments(attribute);
            if (arguments.Text("Name") is { } name)
            {
                var version = arguments.Find("Version")?.Value as int? ?? 1;
                named.Add(new NamedOperation(name, version, method, arguments.LocationOf("Name") ?? method.Locations.FirstOrDefault()));
            }
        }
    }

    private static void Report(ConcurrentBag<NamedOperation> named, CompilationAnalysisContext end)
    {
        foreach (var same in named.GroupBy(static operation => (operation.Name, operation.Version)).Where(static same => same.Skip(1).Any()))
        {
            // The one that comes first in the text keeps the name. Not the order of arrival: that changes from build to build.
            var ordered = same
                .OrderBy(static operation => operation.Location?.SourceTree?.FilePath, StringComparer.Ordinal)
                .ThenBy(static operation => operation.Location?.SourceSpan.Start).ToArray();
            foreach (var later in ordered.Skip(1))
            {
                end.ReportDiagnostic(Diagnostic.Create(
                    AdviceRules.SharedIdentity, later.Location, later.Name, later.Version,
                    $"{ordered[0].Method.ContainingType?.InMessage()}.{ordered[0].Method.Name}"));
            }
        }
    }

    private sealed record NamedOperation(string Name, int Version, IMethodSymbol Method, Location? Location);
}
