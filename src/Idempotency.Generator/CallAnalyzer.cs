using System.Collections.Immutable;
using Idempotency.Generator.Advice;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator;

/// <summary>Looks at the code around guarded methods: who calls them and how, and what their bodies do.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CallAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = AdviceRules.OfCalls;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None); // the guard itself calls the body
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(KnownTypes.AttributeFullName) is null)
            {
                return;
            }

            var types = new GuardedTypes(start.Compilation);
            start.RegisterOperationAction(call => CheckCall(call, types), OperationKind.Invocation);
            start.RegisterOperationBlockAction(block => CheckBody(block, types));
        });
    }

    private static void CheckCall(OperationAnalysisContext context, GuardedTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (types.GuardOf(call.TargetMethod) is { } bypassed)
        {
            BypassAdvice.Give(context, call, bypassed);
        }
        else if (types.AttributeOf(call.TargetMethod) is { } attribute)
        {
            FreshKeyAdvice.Give(context, call, attribute);
            SwallowAdvice.Give(context, call);
        }
        else
        {
            RetryAdvice.Give(context, call, types);
        }
    }

    private static void CheckBody(OperationBlockAnalysisContext context, GuardedTypes types)
    {
        if (context.OwningSymbol is IMethodSymbol body && types.GuardOf(body) is { } guarded && types.AttributeOf(guarded) is { } attribute)
        {
            var key = new BodyKey(body, guarded, attribute);
            foreach (var operation in context.OperationBlocks.SelectMany(static block => block.Descendants()))
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                MutationAdvice.Give(context, operation, key);
                if (body is { IsStatic: false, ContainingType.IsValueType: true })
                {
                    StructAdvice.Give(context, operation, key);
                }

                if (operation is IInvocationOperation call)
                {
                    ReentrancyAdvice.Give(context, call, key, types);
                    OutgoingAdvice.Give(context, call, key);
                    TransactionAdvice.Give(context, call, key);
                }
            }
        }
    }
}
