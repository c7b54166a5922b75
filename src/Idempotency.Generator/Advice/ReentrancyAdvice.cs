using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>A body that calls the method it is the body of, with the key that this very call holds.</summary>
internal static class ReentrancyAdvice
{
    public static void Give(OperationBlockAnalysisContext context, IInvocationOperation call, BodyKey key)
    {
        if (SymbolEqualityComparer.Default.Equals(GuardedTypes.Declaration(call.TargetMethod), key.Guarded)
            && !call.TargetMethod.IsGenericMethod
            && call.Arguments.Length > 0
            && call.Arguments.All(argument => IsTheSame(argument, key))
            && !call.Ancestors().Any(Operations.IsFunction)) // which may run when this call has ended
        {
            context.ReportDiagnostic(Diagnostic.Create(AdviceRules.CallsItself, BypassAdvice.NameOf(call), call.TargetMethod.Name));
        }
    }

    private static bool IsTheSame(IArgumentOperation argument, BodyKey key)
    {
        if (argument.Parameter is not { } parameter || !key.IsInKey(key.Guarded.Parameters[parameter.Ordinal]))
        {
            return true;
        }

        return argument.Value.Unwrap() is IParameterReferenceOperation { Parameter: { } own }
            && key.SourceOf(own)?.Ordinal == parameter.Ordinal
            && !IsAssigned(argument, own);
    }

    private static bool IsAssigned(IOperation place, IParameterSymbol parameter) => place.Root().Descendants().Any(operation =>
        operation is IAssignmentOperation { Target: IParameterReferenceOperation { Parameter: { } target } } && SymbolEqualityComparer.Default.Equals(target, parameter)
        || operation is IIncrementOrDecrementOperation { Target: IParameterReferenceOperation { Parameter: { } counted } } && SymbolEqualityComparer.Default.Equals(counted, parameter));
}
