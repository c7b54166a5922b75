using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>A body outlives the call of its method, and so works on a copy of the struct that it belongs to.</summary>
internal static class StructAdvice
{
    public static void Give(OperationBlockAnalysisContext context, IOperation operation, BodyKey key)
    {
        var target = operation switch
        {
            IAssignmentOperation assignment => assignment.Target,
            IIncrementOrDecrementOperation increment => increment.Target,
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument => argument.Value,
            _ => null,
        };
        if (target is not null && MemberOfThis(target) is { } member)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                AdviceRules.StructChanged, operation.Syntax.GetLocation(), member, context.OwningSymbol.ContainingType.Name, key.Guarded.Name));
        }
    }

    private static string? MemberOfThis(IOperation target)
    {
        string? name = null;
        for (var current = target; current is not null;)
        {
            switch (current)
            {
                case IFieldReferenceOperation { Field.IsStatic: false } field:
                    name = field.Field.Name;
                    current = field.Instance;
                    break;
                case IPropertyReferenceOperation { Property: { IsStatic: false, RefKind: RefKind.None } } property:
                    name = property.Property.Name;
                    current = property.Instance;
                    break;
                case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                    return name ?? "this";
                default:
                    return null;
            }

            if (current?.Type?.IsReferenceType ?? true)
            {
                return null; // what it refers to is not copied
            }
        }

        return null;
    }
}
