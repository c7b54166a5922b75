using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>
/// Keys are taken from what an argument holds when the method is called. A list or object in the key is harmless as long as it stays as
/// it was until the caller's last retry; a body that changes it makes the retry another intent.
/// </summary>
internal static class MutationAdvice
{
    private static readonly HashSet<string> s_mutators = new(StringComparer.Ordinal)
    {
        "Add", "AddRange", "AddFirst", "AddLast", "Insert", "InsertRange", "Remove", "RemoveAt", "RemoveAll", "RemoveRange", "RemoveWhere",
        "RemoveFirst", "RemoveLast", "Clear", "Sort", "Reverse", "Enqueue", "Dequeue", "TryDequeue", "TryAdd", "UnionWith", "ExceptWith",
        "IntersectWith", "SymmetricExceptWith", "TryRemove", "TryUpdate", "AddOrUpdate", "GetOrAdd",
    };

    public static void Give(OperationBlockAnalysisContext context, IOperation operation, BodyKey key)
    {
        var target = operation switch
        {
            IAssignmentOperation assignment => InstanceOf(assignment.Target),
            IIncrementOrDecrementOperation increment => InstanceOf(increment.Target),
            IInvocationOperation { Instance: { } instance } call when IsMutator(call.TargetMethod) => instance,
            IInvocationOperation { TargetMethod: { IsStatic: true, Name: "Sort" or "Reverse" or "Fill" or "Clear", ContainingType.SpecialType: SpecialType.System_Array } } call =>
                call.Arguments.FirstOrDefault()?.Value,
            _ => null,
        };
        if (target is null || ChangedIn(target, operation, key) is not { } parameter)
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(
            AdviceRules.KeyArgumentChanged, operation.Syntax.GetLocation(), parameter.Name, key.Guarded.Name));
    }

    private static bool IsMutator(IMethodSymbol method) =>
        s_mutators.Contains(method.Name)
        && method.ContainingType.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System.Collections.ObjectModel" or "System.Collections.Concurrent";

    // What has to be an object for the caller to see the change.
    private static IOperation? InstanceOf(IOperation target) => target switch
    {
        IPropertyReferenceOperation { Property.RefKind: RefKind.None } property => property.Instance,
        IFieldReferenceOperation field => field.Instance,
        IArrayElementReferenceOperation element => element.ArrayReference,
        _ => null,
    };

    private static IParameterSymbol? ChangedIn(IOperation target, IOperation operation, BodyKey key)
    {
        var member = (operation as IAssignmentOperation)?.Target;
        for (var current = target.Unwrap(); ; current = InstanceOf(current)!.Unwrap())
        {
            if (!current.Type?.IsReferenceType ?? true)
            {
                return null; // a copy
            }

            if (current is IParameterReferenceOperation { Parameter: { } parameter })
            {
                return key.Includes(parameter) && !key.IsTemplate && IsWritten(parameter, member) ? parameter : null;
            }

            if (InstanceOf(current) is null)
            {
                return null;
            }

            member = current;
        }
    }

    // Of an object only some members are in the key.
    private static bool IsWritten(IParameterSymbol parameter, IOperation? first)
    {
        var name = (first as IPropertyReferenceOperation)?.Property.Name ?? (first as IFieldReferenceOperation)?.Field.Name;
        if (name is null || first is IPropertyReferenceOperation { Property.IsIndexer: true } || parameter.Type.IsKeyPart())
        {
            return !parameter.Type.IsKeyPart();
        }

        var byKey = ShapeReader.HasKeyMembers(parameter.Type);
        return ValueMember.Of(parameter.Type).Any(member => member.Name == name && (member.IsKey || !byKey));
    }
}
