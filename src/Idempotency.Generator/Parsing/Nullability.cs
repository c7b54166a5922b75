using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Compares types as the compiler does when it warns: the same type, and no null where none is expected.</summary>
internal static class Nullability
{
    /// <param name="given">The type of the value there is.</param>
    /// <param name="wanted">The type of the place it goes to.</param>
    /// <param name="atTop">Whether a value that is never null may go to a place that accepts null.</param>
    public static bool Fits(ITypeSymbol given, ITypeSymbol wanted, bool atTop) =>
        SymbolEqualityComparer.Default.Equals(given, wanted) && Agree(given, wanted, atTop);

    private static bool Agree(ITypeSymbol given, ITypeSymbol wanted, bool atTop)
    {
        var (from, to) = (given.NullableAnnotation, wanted.NullableAnnotation);
        if (from != to && from != NullableAnnotation.None && to != NullableAnnotation.None && !(atTop && to == NullableAnnotation.Annotated))
        {
            return false;
        }

        return (given, wanted) switch
        {
            (IArrayTypeSymbol left, IArrayTypeSymbol right) => Agree(left.ElementType, right.ElementType, atTop: false),
            (INamedTypeSymbol left, INamedTypeSymbol right) => left.TypeArguments
                .Zip(right.TypeArguments, static (inner, outer) => Agree(inner, outer, atTop: false)).All(static agrees => agrees),
            _ => true,
        };
    }
}
