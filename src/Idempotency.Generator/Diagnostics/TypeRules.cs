using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>Whether a value of a type can be kept at all, whatever it is used for.</summary>
internal static class TypeRules
{
    public static string? ReasonAgainst(ITypeSymbol type) => Find(type, static part => Reason(part) is not null) is { } found
        ? Reason(found)
        : null;

    /// <summary>A type in <paramref name="type"/> that this compilation does not have.</summary>
    public static ITypeSymbol? Unknown(ITypeSymbol type) => Find(type, static part => part.TypeKind == TypeKind.Error);

    private static string? Reason(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Pointer or TypeKind.FunctionPointer } => "is a pointer, which means nothing after the call; use nint or the value",
        { TypeKind: TypeKind.Dynamic } => "is dynamic, so that nobody can check it; name the type",
        { IsRefLikeType: true } => $"is a '{type.Name}', a ref struct that ends with the call; use an array or Memory<T>",
        INamedTypeSymbol { SpecialType: SpecialType.System_TypedReference or SpecialType.System_ArgIterator } => "ends with the call",
        ITypeParameterSymbol { AllowsRefLikeType: true } => $"is '{type.Name}', which may be a ref struct",
        _ => null,
    };

    private static ITypeSymbol? Find(ITypeSymbol type, Func<ITypeSymbol, bool> wanted) => type switch
    {
        _ when wanted(type) => type,
        IArrayTypeSymbol array => Find(array.ElementType, wanted),
        INamedTypeSymbol { IsGenericType: true } named => named.TypeArguments
            .Select(argument => Find(argument, wanted)).FirstOrDefault(static found => found is not null),
        _ => null,
    };
}
