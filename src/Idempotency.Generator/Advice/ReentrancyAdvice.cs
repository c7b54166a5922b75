using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>
/// A body that calls the method it is the body of, or another one that is the same operation, with the key that this very call holds.
/// </summary>
internal static class ReentrancyAdvice
{
    public static void Give(OperationBlockAnalysisContext context, IInvocationOperation call, BodyKey key, GuardedTypes types)
    {
        var called = GuardedTypes.Declaration(call.TargetMethod);
        if (!call.TargetMethod.IsGenericMethod
            && call.Arguments.Length > 0
            && (SymbolEqualityComparer.Default.Equals(called, key.Guarded)
                ? call.Arguments.All(argument => IsTheSame(argument, key))
                : types.AttributeOf(called) is { } sibling && key.IsSharedWith(sibling) && KeyOf(call, called, sibling, key).SequenceEqual(key.Ordinals))
            && !call.Ancestors().Any(Operations.IsFunction)) // which may run when this call has ended
        {
            context.ReportDiagnostic(Diagnostic.Create(AdviceRules.CallsItself, BypassAdvice.NameOf(call), call.TargetMethod.Name));
        }
    }

    // Which of the guarded method's parameters the sibling's key is made of, in its order; -1 for anything else.
    private static IEnumerable<int> KeyOf(IInvocationOperation call, IMethodSymbol called, AttributeData sibling, BodyKey key) => called.Parameters
        .Where(parameter => MethodContext.IsValue(parameter) && CallKey.Includes(parameter, sibling))
        .Select(parameter => call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == parameter.Ordinal) is { } argument
            && argument.Value.Unwrap() is IParameterReferenceOperation { Parameter: { } own }
            && key.SourceOf(own) is { } source
            && source.Name == parameter.Name // names and types are in the key too
            && SymbolEqualityComparer.Default.Equals(source.Type, parameter.Type)
            && !IsAssigned(argument, own)
                ? source.Ordinal
                : -1);

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
