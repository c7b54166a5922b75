using System.Collections.Immutable;
using Idempotency.Generator.Advice;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator;

/// <summary>Says why a method marked <c>[Idempotent]</c> gets no guard, and what is doubtful about one that does.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IdempotentAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = Rules.All.AddRange(AdviceRules.OfDeclarations);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();

        // A method that another generator wrote deserves an answer too.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(KnownTypes.AttributeFullName) is null)
            {
                return;
            }

            start.RegisterSymbolAction(
                static symbol => Check((IMethodSymbol)symbol.Symbol, symbol.Compilation, symbol.ReportDiagnostic, symbol.CancellationToken),
                SymbolKind.Method);

            // Functions inside methods are no members, so that no symbol action sees them.
            start.RegisterOperationAction(
                static operation => Check(FunctionOf(operation.Operation), operation.Compilation, operation.ReportDiagnostic, operation.CancellationToken),
                OperationKind.LocalFunction,
                OperationKind.AnonymousFunction);
        });
    }

    private static IMethodSymbol FunctionOf(IOperation operation) => operation is ILocalFunctionOperation local
        ? local.Symbol
        : ((IAnonymousFunctionOperation)operation).Symbol;

    private static void Check(IMethodSymbol method, Compilation compilation, Action<Diagnostic> report, CancellationToken cancellation)
    {
        // The declaring part speaks for both: the attributes of both are its own.
        if (method.PartialDefinitionPart is not null || method.FindAttribute(KnownTypes.Attribute) is not { } attribute)
        {
            return;
        }

        var faults = new Faults();
        var model = MethodParser.Parse(method, compilation, faults, cancellation);
        if (model is GuardedMethod guarded)
        {
            DeclarationAdvice.Give(new MethodContext(method, attribute, compilation, faults, cancellation), guarded);
        }

        if (model is GuardedMethod && (method.PartialImplementationPart is not { } written || DeclarationRules.IsRefusal(written)))
        {
            faults.Add(
                Rules.NotWritten,
                method.Locations.FirstOrDefault(),
                method.Name,
                "nothing is wrong with it here, so a type, body or guard it needs is probably made by another source generator, which this one cannot see; write that part by hand");
        }

        foreach (var fault in faults.Found)
        {
            report(fault);
        }
    }
}
