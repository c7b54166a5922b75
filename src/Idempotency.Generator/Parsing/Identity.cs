using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Whether a type that nothing is known about is what its public members say.</summary>
internal static class Identity
{
    public static string? ReasonAgainst(ITypeSymbol type, Compilation compilation)
    {
        var name = type.WithNullableAnnotation(NullableAnnotation.None).InMessage();
        return type switch
        {
            { SpecialType: SpecialType.System_Object } or { TypeKind: TypeKind.Dynamic } => $"'{name}' can be anything",
            ITypeParameterSymbol => $"'{name}' can be any type that is not constrained to IIdempotencyKeyPart",
            { TypeKind: TypeKind.Delegate } => $"'{name}' is code, which has no value",
            _ when type.IsTransactional() =>
                $"'{name}' is where a call works and not what it is about, so leave it out of the declaration and take it in the body, " +
                "which is given the one that its outcome is committed in",
            { TypeKind: TypeKind.Pointer or TypeKind.FunctionPointer } => $"'{name}' is an address",
            { IsRefLikeType: true } => $"'{name}' is a ref struct",
            { Name: "Tuple", ContainingNamespace.Name: "System" } => $"'{name}' is not written to keys; use a value tuple, such as (int, string), or a record",
            _ when IsOneShot(type) => $"'{name}' may have no order or be readable only once; use IReadOnlyList or IReadOnlySet",
            { TypeKind: TypeKind.Interface } => $"anything can be behind the interface '{name}'",
            { TypeKind: not (TypeKind.Class or TypeKind.Struct) } => $"'{name}' is not a value",
            _ => ReasonAgainstBase(type, name, compilation) ??
                (type.IsAbstract ? $"'{name}' is abstract, and a derived type has more to it" : null),
        };
    }

    private static string? ReasonAgainstBase(ITypeSymbol type, string name, Compilation compilation)
    {
        for (ITypeSymbol? current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
        {
            if (ValueTypes.IsFramework(current, compilation))
            {
                return SymbolEqualityComparer.Default.Equals(current, type)
                    ? $"what '{name}' stands for is not in its properties"
                    : $"'{name}' derives from '{current.InMessage()}', and what that stands for is not in its properties";
            }
        }

        return type.AllInterfaces.Any(static inherited => inherited.SpecialType == SpecialType.System_Collections_IEnumerable)
            ? $"'{name}' is a collection, and what it holds is not in its properties"
            : null;
    }

    private static bool IsOneShot(ITypeSymbol type) => type.OriginalDefinition.SpecialType
        is SpecialType.System_Collections_IEnumerable
        or SpecialType.System_Collections_Generic_IEnumerable_T
        or SpecialType.System_Collections_Generic_ICollection_T
        or SpecialType.System_Collections_Generic_IReadOnlyCollection_T;
}
