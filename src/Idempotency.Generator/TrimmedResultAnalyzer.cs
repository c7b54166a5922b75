using System.Collections.Concurrent;
using System.Collections.Immutable;
using Idempotency.Generator.Advice;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator;

/// <summary>Finds results without a JSON contract in projects that are published without reflection.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TrimmedResultAnalyzer : DiagnosticAnalyzer
{
    private static readonly string[] s_properties = ["PublishTrimmed", "PublishAot"];

    // What the SDK lets analyzers see of these. Libraries have them too, only to say that they could be trimmed.
    private static readonly string[] s_analyzed = ["EnableTrimAnalyzer", "EnableAotAnalyzer"];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [AdviceRules.ResultNotInContext];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(KnownTypes.AttributeFullName) is null
                || !IsTrimmed(start.Options.AnalyzerConfigOptionsProvider.GlobalOptions, start.Compilation.Options.OutputKind))
            {
                return;
            }

            var methods = new ConcurrentBag<IMethodSymbol>();
            var listed = new ConcurrentBag<ITypeSymbol>();
            start.RegisterSymbolAction(symbol => CollectMethod((IMethodSymbol)symbol.Symbol, methods), SymbolKind.Method);
            start.RegisterSymbolAction(symbol => CollectContext((INamedTypeSymbol)symbol.Symbol, listed), SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end => Report(methods, listed, end));
        });
    }

    private static bool IsTrimmed(AnalyzerConfigOptions options, OutputKind output) =>
        s_properties.Any(property => IsTrue(options, property)) ||
        (output is OutputKind.ConsoleApplication or OutputKind.WindowsApplication && s_analyzed.Any(property => IsTrue(options, property)));

    private static bool IsTrue(AnalyzerConfigOptions options, string property) =>
        options.TryGetValue("build_property." + property, out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static void CollectMethod(IMethodSymbol method, ConcurrentBag<IMethodSymbol> methods)
    {
        if (method.PartialDefinitionPart is null && method.FindAttribute(KnownTypes.Attribute) is not null)
        {
            methods.Add(method);
        }
    }

    private static void CollectContext(INamedTypeSymbol type, ConcurrentBag<ITypeSymbol> listed)
    {
        if (type.BaseType is { Name: "JsonSerializerContext" })
        {
            foreach (var attribute in type.GetAttributes())
            {
                if (attribute is { AttributeClass.Name: "JsonSerializableAttribute", ConstructorArguments: { Length: 1 } arguments }
                    && arguments[0] is { Kind: TypedConstantKind.Type, Value: ITypeSymbol root })
                {
                    listed.Add(root);
                }
            }
        }
    }

    private static void Report(ConcurrentBag<IMethodSymbol> methods, ConcurrentBag<ITypeSymbol> listed, CompilationAnalysisContext end)
    {
        // A context knows everything that the types it lists are made of.
        var known = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        known.UnionWith(listed.SelectMany(root => ResultGraph.Of(root, end.Compilation)).Select(static part => part.Type));
        foreach (var method in methods)
        {
            end.CancellationToken.ThrowIfCancellationRequested();
            if (SignatureParser.ResultOf(method) is { TypeKind: not (TypeKind.Error or TypeKind.TypeParameter) } result
                && !known.Contains(result)
                && !IsForeign(result, end.Compilation)
                && !ResultAdvice.IsDoubtful(result, end.Compilation))
            {
                end.ReportDiagnostic(Diagnostic.Create(
                    AdviceRules.ResultNotInContext, ResultAdvice.LocationOf(method), result.InMessage(), method.Name));
            }
        }
    }

    // Its own assembly may have a context for it.
    private static bool IsForeign(ITypeSymbol type, Compilation compilation) =>
        type is INamedTypeSymbol named
        && !SymbolEqualityComparer.Default.Equals(named.ContainingAssembly, compilation.Assembly)
        && !ValueTypes.IsFramework(named, compilation);
}
