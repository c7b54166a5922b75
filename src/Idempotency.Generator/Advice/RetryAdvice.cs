using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>Repetitions of a method whose guarded sibling is there to be repeated.</summary>
internal static class RetryAdvice
{
    public static void Give(OperationAnalysisContext context, IInvocationOperation call, GuardedTypes types)
    {
        // In this order: most calls are not repeated, and looking into the type of every one would take long.
        if (IsRepeated(call) && types.SiblingOf(call.TargetMethod) is { } guarded)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                AdviceRules.RetryPastGuard, BypassAdvice.NameOf(call), call.TargetMethod.Name,
                guarded.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)));
        }
    }

    private static bool IsRepeated(IInvocationOperation call)
    {
        IOperation inner = call;
        var caught = false;
        foreach (var around in call.Ancestors())
        {
            switch (around)
            {
                case ITryOperation attempt when attempt.Body == inner:
                    caught |= attempt.Catches.Any(static handler => !LeavesAlways(handler.Handler));
                    break;
                case ILoopOperation when caught:
                    return true;
                case ILocalFunctionOperation:
                    return false;
                case IAnonymousFunctionOperation function:
                    return PipelineOf(function);
            }

            inner = around;
        }

        return false;
    }

    // A handler that ends in a throw, return or break lets nothing be tried again.
    private static bool LeavesAlways(IBlockOperation handler) => handler.Operations.LastOrDefault()
        is IThrowOperation or IExpressionStatementOperation { Operation: IThrowOperation } or IReturnOperation or IBranchOperation { BranchKind: BranchKind.Break };

    // pipeline.ExecuteAsync(token => ...), policy.Execute(...), Retry.Do(...)
    private static bool PipelineOf(IAnonymousFunctionOperation function) =>
        function.Ancestors().OfType<IInvocationOperation>().FirstOrDefault() is { TargetMethod: { } method }
        && (method.Name.IndexOf("Retry", StringComparison.Ordinal) >= 0
            || method.ContainingType?.Name.IndexOf("Retry", StringComparison.Ordinal) >= 0
            || (method.Name.StartsWith("Execute", StringComparison.Ordinal) && Outermost(method.ContainingNamespace) == "Polly"));

    private static string? Outermost(INamespaceSymbol? space)
    {
        while (space is { ContainingNamespace: { IsGlobalNamespace: false } outer })
        {
            space = outer;
        }

        return space?.Name;
    }
}
