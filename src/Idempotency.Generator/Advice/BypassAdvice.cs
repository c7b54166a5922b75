using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>Calls of a body method that go past its guard.</summary>
internal static class BypassAdvice
{
    public static void Give(OperationAnalysisContext context, IInvocationOperation call, IMethodSymbol guarded)
    {
        // A body that calls itself for a part of its own work is still inside the guard.
        if (!SymbolEqualityComparer.Default.Equals(GuardedTypes.Declaration(call.TargetMethod), Outermost(context.ContainingSymbol)))
        {
            context.ReportDiagnostic(Diagnostic.Create(AdviceRules.GuardBypassed, NameOf(call), call.TargetMethod.Name, guarded.Name));
        }
    }

    /// <summary>Where the call says what it calls.</summary>
    public static Location NameOf(IInvocationOperation call) => call.Syntax is InvocationExpressionSyntax { Expression: var called }
        ? called switch
        {
            MemberAccessExpressionSyntax member => member.Name.GetLocation(),
            MemberBindingExpressionSyntax member => member.Name.GetLocation(),
            _ => called.GetLocation(),
        }
        : call.Syntax.GetLocation();

    private static ISymbol Outermost(ISymbol symbol)
    {
        while (symbol is IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction, ContainingSymbol: { } outer })
        {
            symbol = outer;
        }

        return symbol is IMethodSymbol method ? GuardedTypes.Declaration(method) : symbol;
    }
}
