using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

internal static class NullableValue
{
    /// <summary>The type without a question mark: <c>T</c> of a <c>Nullable&lt;T&gt;</c>, any other type as it is.</summary>
    public static ITypeSymbol Of(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
}
