using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>Whether what a method returns can be stored and given to somebody else.</summary>
internal static class ReturnRules
{
    public static string? ReasonAgainst(IMethodSymbol method)
    {
        if (method.RefKind != RefKind.None)
        {
            return "it returns by reference, and a replay has no variable to refer to; return the value";
        }

        var type = method.ReturnType;
        if (TypeRules.ReasonAgainst(type) is { } reason)
        {
            return $"its result {reason}";
        }

        if (ReasonAgainstLazy(type) is { } lazy)
        {
            return lazy;
        }

        if (!type.IsTaskLike())
        {
            return type.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == "AsyncMethodBuilderAttribute")
                ? $"the guard does not know how to await '{type.Name}'; return Task or ValueTask"
                : null;
        }

        if (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated)
        {
            return "a task that may be null cannot be awaited; return a task that is always there";
        }

        var result = ((INamedTypeSymbol)type).TypeArguments.FirstOrDefault();
        if (result is null)
        {
            return null;
        }

        return result.IsTaskLike() ? "a task in a task cannot be stored; await it in the body" : ReasonAgainstStream(result);
    }

    private static string? ReasonAgainstLazy(ITypeSymbol type) =>
        ReasonAgainstStream(type) ??
        (type.OriginalDefinition.SpecialType is SpecialType.System_Collections_IEnumerable
            or SpecialType.System_Collections_IEnumerator
            or SpecialType.System_Collections_Generic_IEnumerable_T
            or SpecialType.System_Collections_Generic_IEnumerator_T
            ? "it may be an iterator, which runs while it is enumerated, outside the guard; return a list, such as IReadOnlyList<T>"
            : null);

    private static string? ReasonAgainstStream(ITypeSymbol type) =>
        type is INamedTypeSymbol { Name: "IAsyncEnumerable" or "IAsyncEnumerator", Arity: 1 } stream && stream.IsIn("System.Collections.Generic")
            ? "an async stream cannot be stored and replayed; return Task<IReadOnlyList<T>>"
            : null;
}
